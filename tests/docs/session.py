"""A server of its own for a page, and a shell to ask it from."""

import os
import subprocess
import tempfile

# Where the pages say that the server is.
SHOWN = "localhost:8080"


class Session:
    """A server on the farm of a fresh checkout, on a free port."""

    def __init__(self, root, binary):
        foreign = ("CLOUDFARM", "CLOUD_FARM", "RUST_LOG")
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(foreign)
        }
        self.binary, self.root = binary.resolve(), root
        self.directory = tempfile.TemporaryDirectory()

    def __enter__(self):
        command = [self.binary, "serve", "--listen", "127.0.0.1:0"]
        self.log = open(os.path.join(self.directory.name, "server.log"), "w+")
        self.server = subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment | {"CLOUDFARM__STORE__URL": "sqlite::memory:"},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.server.stdout.readline()
        if "http://" not in line:
            self.log.seek(0)
            raise RuntimeError(f"the server does not start: {self.log.read()}")
        self.address = line.split("http://")[1].split("/")[0].split(",")[0].strip()
        self.environment |= {
            "CLOUDFARM_URL": f"http://{self.address}",
            "PATH": f"{self.binary.parent}:{self.environment['PATH']}",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
        self.server.stdout.close()
        self.log.close()
        self.directory.cleanup()

    def run(self, command):
        """What a reader sees who types the command."""
        done = subprocess.run(
            ["bash", "-c", command.replace(SHOWN, self.address)],
            cwd=self.directory.name,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        answer = done.stdout.replace(self.address, SHOWN).replace("\r\n", "\n")
        lines = [line.rstrip() for line in answer.splitlines()]
        return "\n".join(lines) + "\n" if lines else ""
