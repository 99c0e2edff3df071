// pg-boss with what its pages offer for speed: batches that are fetched without a pause while they
// are full, LISTEN/NOTIFY, and jobs inserted in batches.

import { PgBoss } from "pg-boss";
import pg from "pg";
import { chunks, measure, url } from "./measure.mjs";

const CHUNK = 1000;
const QUEUE = "empty";
const boss = new PgBoss({
  connectionString: url,
  max: 25,
  useListenNotify: true,
  supervise: false,
  schedule: false,
});
boss.on("error", console.error);
await boss.start();
await boss.createQueue(QUEUE, { notify: true });
const pool = new pg.Pool({ connectionString: url, max: 2 });

await measure({
  async start(workers, onRun) {
    const options = { localConcurrency: workers, batchSize: 100, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
    await boss.work(QUEUE, options, async (jobs) => jobs.forEach(onRun));
  },
  async enqueue(count) {
    for (const chunk of chunks(count, CHUNK)) {
      await boss.insert(QUEUE, Array.from(chunk, () => ({ data: {} })));
    }
  },
  enqueueOne: () => boss.send(QUEUE, {}),
  async unfinished() {
    const { rows } = await pool.query(
      "select count(*)::int as left from pgboss.job where name = $1 and state <> 'completed'",
      [QUEUE],
    );
    return rows[0].left;
  },
  async stop() {
    await boss.stop({ graceful: false });
    await pool.end();
  },
});
