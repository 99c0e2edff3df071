// graphile-worker with the settings of its page on performance: a local queue, batched completions,
// jobs added in batches.

import { Logger, makeWorkerUtils, run, runMigrations } from "graphile-worker";
import pg from "pg";
import { chunks, measure, url } from "./measure.mjs";

const CHUNK = 1000;
const quiet = new Logger(() => () => {});
const pool = new pg.Pool({ connectionString: url, max: 4 });
await runMigrations({ connectionString: url, logger: quiet });
const utils = await makeWorkerUtils({ pgPool: pool, logger: quiet });
let runner;

await measure({
  async start(workers, onRun) {
    const preset = {
      worker: {
        connectionString: url,
        concurrentJobs: workers,
        maxPoolSize: Math.max(10, Math.min(workers + 2, 25)),
        // With one worker nothing is gained from a queue of 500, and it is what the page shows.
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        logger: quiet,
      },
    };
    runner = await run({ preset, noHandleSignals: true, taskList: { empty: async () => onRun() } });
  },
  async enqueue(count) {
    for (const chunk of chunks(count, CHUNK)) {
      await utils.addJobs(Array.from(chunk, () => ({ identifier: "empty", payload: {} })));
    }
  },
  enqueueOne: () => utils.addJob("empty", {}),
  async unfinished() {
    const { rows } = await pool.query("select count(*)::int as left from graphile_worker.jobs");
    return rows[0].left;
  },
  async stop() {
    await runner.stop();
    await utils.release();
    await pool.end();
  },
});
