"""The processes of one cloudfarm: servers and workers on one store, and the clouds that outlive
them."""

import os
import random
import signal
import subprocess
import threading
import time
import urllib.request

from postgres import free_port

# Short, so that work of a killed process is soon another's.
SETTINGS = {
    "JOBS__LEASE": "2s",
    "JOBS__TRIES": "40",
    "JOBS__RETRY_PAUSE": "100ms",
    "JOBS__RETRY_PAUSE_MAX": "1s",
    "JOBS__POLL": "250ms",
    "JOBS__SEARCH_TIME": "1s",
    "LAYERS__RETRY_PAUSE": "20ms",
    "LAYERS__ATTEMPT_TIMEOUT": "2s",
    "JOBS__DRAIN_TIMEOUT": "2s",
    "SERVER__DRAIN_TIMEOUT": "2s",
    "LOG__LEVEL": "warn,cloudfarm=info",
    "LOG__ACCESS": "false",
}
START_TIMEOUT = 30
# "plain" is without client tokens: there a create that is sent twice makes two nodes.
CLOUDS = {"plain": False, "tokens": True}
FAULTS = "lost_reply = 0.08, server_error = 0.03, truncated_page = 0.1"
FAULTY = ["create_node", "destroy_node", "get_node", "list_nodes"]


class Process:
    """A server or a worker, which can be killed and started again."""

    def __init__(self, cluster, name, arguments):
        self.cluster = cluster
        self.name = name
        self.arguments = arguments
        self.starts = 0
        self.child = None
        self.frozen = False

    def start(self):
        self.starts += 1
        # Another seed each time, else every start would draw the same faults.
        farm = self.cluster.write_farm(self.name, self.starts)
        command = [self.cluster.binary, *self.arguments, "--farm", farm]
        with open(self.cluster.directory / f"{self.name}.log", "ab") as log:
            self.child = subprocess.Popen(
                command, cwd=self.cluster.directory, env=self.cluster.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )

    def send(self, number):
        self.child.send_signal(number)

    def kill(self):
        self.send(signal.SIGKILL)
        self.child.wait()

    def freeze(self):
        self.frozen = True
        self.send(signal.SIGSTOP)

    def thaw(self):
        self.send(signal.SIGCONT)
        self.frozen = False

    def stop(self):
        if self.child is None or self.child.poll() is not None:
            return
        self.thaw()
        self.send(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def died(self):
        """Whether it ended although nobody killed it."""
        return self.child is not None and self.child.poll() is not None


class Cluster:
    """`servers` and `workers` on the store at `store`; without workers the servers do the work."""

    def __init__(self, binary, directory, store, servers, workers, seed):
        self.binary = binary
        self.directory = directory
        self.seed = seed
        self.lock = threading.Lock()
        self.fallen = []
        self.environment = environment(store, directory)
        self.addresses = [f"127.0.0.1:{free_port()}" for _ in range(servers)]
        split = ["--no-worker"] if workers else []
        self.servers = [
            Process(self, f"server-{at}", ["serve", *split, "--listen", address])
            for at, address in enumerate(self.addresses)
        ]
        self.workers = [Process(self, f"worker-{at}", ["worker"]) for at in range(workers)]
        self.processes = self.servers + self.workers

    def state_file(self, cloud):
        return self.directory / f"{cloud}.cloud"

    def write_farm(self, name, start):
        seed = random.Random(f"{self.seed} {name} {start}").getrandbits(32)
        operations = ", ".join(f'"{operation}"' for operation in FAULTY)
        text = ""
        for cloud, idempotent in CLOUDS.items():
            text += f"""
[cloud_farm.{cloud}]
engine = "dummy"
[cloud_farm.{cloud}.extra_params]
seed = {seed}
state_file = "{self.state_file(cloud)}"
idempotent = {str(idempotent).lower()}
latency = "5ms"
latency_jitter = "30ms"
transition = "400ms"
faults = {{ {FAULTS}, operations = [{operations}] }}
"""
        path = self.directory / f"{name}.toml"
        path.write_text(text)
        return path

    def start(self):
        for process in self.processes:
            process.start()
        for address in self.addresses:
            self.await_ready(address)

    def await_ready(self, address):
        until = time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://{address}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"a server did not start:\n{self.logs()}")

    def revive(self):
        """Starts what ended although nobody killed it, and remembers it."""
        with self.lock:
            for process in self.processes:
                if process.died():
                    self.fallen.append(f"{process.name} ended by itself with {process.child.returncode}")
                    process.start()

    def stop(self):
        for process in self.processes:
            process.stop()

    def logs(self, lines=40):
        """The end of each log."""
        texts = []
        for process in self.processes:
            path = self.directory / f"{process.name}.log"
            if path.exists():
                tail = path.read_text(errors="replace").splitlines()[-lines:]
                texts.append(f"--- {process.name}\n" + "\n".join(tail))
        return "\n".join(texts)


def environment(store, directory):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CLOUD")}
    kept.pop("RUST_LOG", None)
    (directory / "key").write_text("00112233445566778899aabbccddeeff" * 2)
    given = SETTINGS | {"STORE__URL": store, "STORE__KEY__FILE": str(directory / "key")}
    return kept | {f"CLOUDFARM__{key}": value for key, value in given.items()}
