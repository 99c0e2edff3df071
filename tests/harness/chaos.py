"""What happens to the processes: at random instants one is killed, or frozen and thawed."""

import random
import threading
import time
from collections import Counter

# Seconds between two blows, at the median about two thirds of this.
PAUSE = 0.7
# How long a killed process stays away.
AWAY = (0.0, 0.5)
# How long a frozen one stands still: past its lease and well past it.
FROZEN = (2.2, 4.0)
# The share of frozen processes that are killed and never thaw.
KILLED_FROZEN = 0.2


class Chaos:
    """A thread that strikes until it is told to stop, and then leaves all processes running."""

    def __init__(self, cluster, mode, seed):
        self.cluster = cluster
        self.strike = {"kill": self._kill, "freeze": self._freeze}[mode]
        self.draw = random.Random(seed)
        self.over = threading.Event()
        self.counts = Counter()
        self.threads = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.over.set()
        self.thread.join()
        for thread in self.threads:
            thread.join()

    def _run(self):
        while not self.over.wait(self.draw.expovariate(1 / PAUSE)):
            self.cluster.revive()
            self.strike(self.draw.choice(self.cluster.processes))

    def _kill(self, process):
        away = self.draw.uniform(*AWAY)
        with self.cluster.lock:
            process.kill()
            self.counts[f"{kind(process)} killed"] += 1
            time.sleep(away)
            process.start()

    def _freeze(self, process):
        """One process is enough to be left: work would stand still with it, but not go wrong."""
        frozen = [other for other in self.cluster.processes if other.frozen]
        if process.frozen or len(frozen) >= len(self.cluster.processes) - 1:
            return
        time_frozen = self.draw.uniform(*FROZEN)
        dies = self.draw.random() < KILLED_FROZEN
        process.freeze()
        self.counts[f"{kind(process)} frozen"] += 1
        thread = threading.Thread(target=self._thaw, args=(process, time_frozen, dies), daemon=True)
        self.threads.append(thread)
        thread.start()

    def _thaw(self, process, time_frozen, dies):
        self.over.wait(time_frozen)
        with self.cluster.lock:
            if not dies:
                process.thaw()
                return
            process.kill()
            self.counts[f"{kind(process)} killed while frozen"] += 1
            process.frozen = False
            process.start()


def kind(process):
    return process.name.split("-")[0]
