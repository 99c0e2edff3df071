"""What the clients in Python share: a command a line, an answer a line."""
import json
import sys
import time


def serve(count):
    """Answers each `list` with how many servers there are, and what it took to list them."""
    print(json.dumps({'ready': True}), flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        servers = count()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps({'servers': servers, 'wall': wall, 'cpu': cpu}), flush=True)
