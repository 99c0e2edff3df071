"""A PostgreSQL server of one's own: in a temporary directory, on a free port of the loopback."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# PostgreSQL refuses to run as root; the first of these that exists takes its place.
USERS = ("postgres", "nobody")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def programs():
    """Where initdb and postgres are: on the path, or where Debian keeps them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise SystemExit("PostgreSQL is not installed: there is no initdb")
    return folders[-1]


def other_user():
    """The arguments that make a child run as somebody else than root."""
    if os.geteuid() != 0:
        return {}
    for name in USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise SystemExit(f"PostgreSQL needs a user other than root, one of {', '.join(USERS)}")


class Postgres:
    """A running server. Its settings are the defaults, fsync too, but for those given."""

    def __init__(self, **settings):
        self.programs = programs()
        self.user = other_user()
        self.directory = Path(tempfile.mkdtemp(prefix="cloudfarm-postgres-"))
        self.port = free_port()
        self.server = None
        if self.user:
            os.chown(self.directory, self.user["user"], self.user["group"])
        try:
            self._start(settings)
        except BaseException:
            self.stop()
            raise

    def _start(self, settings):
        data = self.directory / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        options = {"unix_socket_directories": self.directory, "listen_addresses": "127.0.0.1"}
        options |= {"port": self.port, "max_connections": 300} | settings
        command = [self.programs / "postgres", "-D", data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with open(self.directory / "log", "wb") as log:
            self.server = subprocess.Popen(
                command, cwd=self.directory, stdout=log, stderr=log, start_new_session=True, **self.user
            )
        until = time.monotonic() + 30
        while not self._answers():
            if self.server.poll() is not None or time.monotonic() > until:
                raise SystemExit("PostgreSQL did not start:\n" + (self.directory / "log").read_text())
            time.sleep(0.05)

    def _answers(self):
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready).returncode == 0

    def _run(self, program, *arguments):
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.directory, capture_output=True, text=True, **self.user,
        )
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr}")
        return done.stdout

    def version(self):
        return self._run("postgres", "--version").split()[2]

    def url(self, database):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database):
        """Makes an empty database and gives its address."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database)
        return self.url(database)

    def query(self, database, text):
        """The rows of an answer, each a list of strings."""
        printed = self._run("psql", "-XqAt", "-F", "\t", "-d", self.url(database), "-c", text)
        return [line.split("\t") for line in printed.splitlines()]

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(5)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
