"""What the benchmarks of listing share: clients that take a command a line and answer with a line
of JSON, the rounds in which they take turns, and the tables."""

import argparse
import contextlib
import itertools
import json
import operator
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import building

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
OURS = "cloudfarm"
# How much less processor time cloudfarm takes than the best of the others, at least.
CPU_TIMES = 5
# So many lists are asked for one after the other, and the memory after each is looked at. It goes up
# and down with what the allocator has yet to give back, so the middle of some is compared.
LISTS_FOR_MEMORY = 60
MIDDLE_OF = 10
# So much more may be resident after the last of them than after the first.
GROWTH = 1.2
# Of more rounds not every way in which they could have gone is looked at, but so many.
TOSSES = 10_000
WHAT = {
    "whole": "the whole process, one list",
    "first": "the first list after the start",
    "next": "a further list",
}


def serve(count):
    """A client in Python: answers each `list` with how many nodes there are and what it took."""
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        nodes = count()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps({"nodes": nodes, "wall": wall, "cpu": cpu}), flush=True)


def parser_of(about):
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--nodes", type=int, default=5000, help="of the replay")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="fail if a target is missed")
    parser.add_argument("--margin", type=float, default=1, metavar="X",
                        help="how far from its target a noisy machine may keep a figure: 2 is half of it")
    building.add_options(parser)
    return parser


def options(about):
    return parser_of(about).parse_args()


def install(wanted, venv):
    """The others' packages, in an environment of their own; gives its Python."""
    there = venv / "requirements.txt"
    if not there.exists() or there.read_text() != wanted.read_text():
        subprocess.run([os.environ.get("PYTHON", "python3"), "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted]
        subprocess.run(pip, check=True)
        there.write_text(wanted.read_text())
    return venv / "bin/python"


@contextlib.contextmanager
def replay(program, count):
    """A server that answers at once; gives its port."""
    server = subprocess.Popen([sys.executable, program, str(count)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(30)


def clean_environment(access):
    """Without anybody's cloud, and without a proxy between the clients and this machine."""
    strange = ("AWS_", "EC2_", "OS_", "SDC_", "TRITON_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"} | access


def session(command, access, orders):
    """Starts a client, gives it orders, and tells what it answered and what it took in all."""
    started = time.perf_counter()
    client = subprocess.Popen(command, env=clean_environment(access), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    answers = []
    for order in [None, *orders]:
        if order:
            client.stdin.write(order + "\n")
            client.stdin.flush()
        line = client.stdout.readline()
        if not line:
            raise SystemExit(f"{command[-1]} gave no answer, see above")
        answers.append(json.loads(line))
    client.stdin.close()
    return answers[1:], ended(client, started)


def ended(client, started):
    _, status, usage = os.wait4(client.pid, 0)
    client.returncode = os.waitstatus_to_exitcode(status)
    if client.returncode:
        raise SystemExit(f"a client ended with {client.returncode}")
    wall = time.perf_counter() - started
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime}


def agreed(counts):
    if len(counts) != 1:
        raise SystemExit(f"the clients do not see the same nodes: {sorted(counts)}")
    return counts.pop()


def measure(clients, access, rounds):
    """What each client took, round by round: a whole process that lists once, its first list, and further
    ones. Clients take turns, so that a busy machine slows them all, and in each round in another order, for
    some follow better than others on what keeps the services busy after its answer."""
    found = {name: {what: [] for what in WHAT} for name in clients}
    counts = set()
    for _ in range(rounds):
        for name, command in random.sample(list(clients.items()), len(clients)):
            (once,), whole = session(command, access, ["list"])
            (first, *more), _ = session(command, access, ["list"] * 4)
            found[name]["whole"].append([whole])
            found[name]["first"].append([once, first])
            found[name]["next"].append(more)
            counts |= {answer["nodes"] for answer in [once, first, *more]}
    return agreed(counts), found


def median(rounds, key):
    return statistics.median(run[key] for runs in rounds for run in runs)


def chance(ours, others):
    """How likely ours take so much longer than the others by chance alone: how often it would be as much
    or more if each round had gone to the one or the other by the toss of a coin."""
    pairs = zip(ours, others, strict=True)
    longer = [statistics.mean(run["wall"] for run in mine) - statistics.mean(run["wall"] for run in other)
              for mine, other in pairs]
    tossed = itertools.product((1, -1), repeat=len(longer))
    if 2 ** len(longer) > TOSSES:
        tossed = (random.choices((1, -1), k=len(longer)) for _ in range(TOSSES))
    # What is added in another order may come out a little less.
    least = sum(longer) - 1e-9
    as_much = [sum(map(operator.mul, signs, longer)) >= least for signs in tossed]
    return sum(as_much) / len(as_much)


def ms(seconds):
    return f"{seconds * 1000:,.1f}"


def report(title, found, margin, aside=()):
    """The table; gives the targets that were missed. Who is aside is shown, and not compared with."""
    print(f"| {title}, wall / CPU ms | " + " | ".join(found) + " | times less CPU |")
    print("|---" + "|--:" * (len(found) + 1) + "|")
    missed = []
    compared = [name for name in found if name not in {OURS, *aside}]
    for what, ours in found[OURS].items():
        rows = [parts[what] for parts in found.values()]
        cells = [f"{ms(median(rounds, 'wall'))} / {ms(median(rounds, 'cpu'))}" for rounds in rows]
        times = min(median(found[name][what], "cpu") for name in compared) / median(ours, "cpu")
        print(f"| {WHAT[what]} | " + " | ".join(cells) + f" | {times:.1f} |")
        if times * margin < CPU_TIMES:
            missed.append(f"{title}, {WHAT[what]}: {times:.1f} times less CPU, {CPU_TIMES} wanted")
        for name in compared:
            if median(ours, "wall") <= margin * median(found[name][what], "wall"):
                continue
            by_chance = chance(ours, found[name][what])
            missed.append(f"{title}, {WHAT[what]}: slower than {name}; chance alone makes such a difference"
                          f" in {by_chance:.0%} of runs")
    print()
    return missed


def report_memory(ours, access):
    """The resident memory while one process lists again and again."""
    answers, _ = session(ours, access, ["list"] * LISTS_FOR_MEMORY)
    resident = [answer["resident_kb"] / 1024 for answer in answers]
    first, last = (statistics.median(part) for part in (resident[:MIDDLE_OF], resident[-MIDDLE_OF:]))
    print(f"\nresident memory, MB: {first:.1f} after the first {MIDDLE_OF} lists, {last:.1f} after the last "
          f"{MIDDLE_OF} of {len(resident)}, {max(resident):.1f} at most")
    if last > GROWTH * first:
        return [f"memory grows from {first:.1f} to {last:.1f} MB"]
    return []


def close(missed, chosen):
    missed = building.judged(chosen, missed)
    for target in missed:
        print(f"missed: {target}")
    return 1 if missed and chosen.check else 0
