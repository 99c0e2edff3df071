// What is measured of an engine in Node. An engine gives: enqueue(count), enqueueOne(at),
// start(workers, onRun), unfinished() and stop().

const [, , url, mode, count, workers] = process.argv;

export { url };

export async function measure(engine) {
  const result = mode === "latency" ? await latency(engine, +count) : await speed(engine, +count, +workers);
  console.log(JSON.stringify(result));
  await engine.stop();
  process.exit(0);
}

// From the first request until the store says that all jobs have ended.
async function speed(engine, jobs, workers) {
  let ran = 0;
  let all;
  const over = new Promise((resolve) => (all = resolve));
  await engine.start(workers, () => ++ran === jobs && all());
  const began = performance.now();
  await engine.enqueue(jobs);
  const enqueued = performance.now();
  await over;
  while ((await engine.unfinished()) > 0) await sleep(2);
  const ended = performance.now();
  return { enqueue_s: (enqueued - began) / 1000, total_s: (ended - began) / 1000, ran };
}

// From before the request until the job runs, one at a time on an idle system.
async function latency(engine, samples) {
  const ms = [];
  let arrived;
  await engine.start(1, () => arrived?.(performance.now()));
  await sleep(1000);
  for (let at = 0; at < samples; at++) {
    const began = performance.now();
    const claim = new Promise((resolve) => (arrived = resolve));
    await engine.enqueueOne(at);
    ms.push((await claim) - began);
    await sleep(20 + Math.random() * 40);
  }
  return { latency_ms: ms };
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function* chunks(count, size) {
  for (let from = 0; from < count; from += size) yield Array.from({ length: Math.min(size, count - from) });
}
