"""procrastinate with LISTEN/NOTIFY, a pool as wide as its workers, and jobs deferred in batches."""

import asyncio
import json
import logging
import random
import sys
import time

import procrastinate

CHUNK = 1000
URL, MODE, COUNT, WORKERS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
POOL = max(10, min(WORKERS + 2, 25))

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL, min_size=POOL, max_size=POOL))
on_run = None


@app.task(name="empty")
async def empty():
    on_run()


def start(workers):
    options = {"concurrency": workers, "install_signal_handlers": False, "delete_jobs": "successful"}
    return asyncio.create_task(app.run_worker_async(**options))


async def unfinished():
    text = "SELECT count(*) AS left FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    return (await app.connector.execute_query_one_async(text))["left"]


async def speed():
    """From the first request until the store says that all jobs have ended."""
    global on_run
    over, ran = asyncio.Event(), 0

    def count():
        nonlocal ran
        ran += 1
        if ran == COUNT:
            over.set()

    on_run = count
    worker = start(WORKERS)
    await asyncio.sleep(0.5)
    began = time.perf_counter()
    for left in range(COUNT, 0, -CHUNK):
        await empty.batch_defer_async(*[{}] * min(left, CHUNK))
    enqueued = time.perf_counter()
    await over.wait()
    while await unfinished():
        await asyncio.sleep(0.002)
    ended = time.perf_counter()
    worker.cancel()
    return {"enqueue_s": enqueued - began, "total_s": ended - began, "ran": ran}


async def latency():
    """From before the request until the job runs, one at a time on an idle system."""
    global on_run
    worker, ms = start(1), []
    await asyncio.sleep(1)
    for _ in range(COUNT):
        claimed = asyncio.get_running_loop().create_future()
        on_run = lambda: claimed.set_result(time.perf_counter())
        began = time.perf_counter()
        await empty.defer_async()
        ms.append((await claimed - began) * 1000)
        await asyncio.sleep(random.uniform(0.02, 0.06))
    worker.cancel()
    return {"latency_ms": ms}


async def main():
    logging.disable(logging.CRITICAL)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        print(json.dumps(await (latency() if MODE == "latency" else speed())), flush=True)


asyncio.run(main())
