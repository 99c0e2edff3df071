"""A cloudfarm server with a farm of its own, and its command line."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

BINARY = os.environ['CLOUDFARM_BINARY']


class Refused(Exception):
    """A command that failed, with what it printed."""

    def __init__(self, command, ended):
        self.status = ended.returncode
        self.told = (ended.stdout + ended.stderr).strip()
        super().__init__(f'{" ".join(command)}: exit status {self.status}: {self.told}')


class Cloudfarm:
    """Starts the server with these clouds, and ends it."""

    def __init__(self, clouds):
        self.directory = tempfile.TemporaryDirectory(prefix='cloudfarm-tour-')
        self.place = Path(self.directory.name)
        self.make_farm(clouds)

    def make_farm(self, clouds):
        self.file = self.place / 'farm.json'
        self.file.touch(mode=0o600)
        self.file.write_text(json.dumps({'cloud_farm': clouds}))

    def __enter__(self):
        self.log = open(self.place / 'server.log', 'w', encoding='utf-8')
        self.server = subprocess.Popen(
            [BINARY, 'serve', '--listen', '127.0.0.1:0', '--farm', self.file, '-q'],
            stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=self.place)
        self.url = self.server.stdout.readline().strip()
        if not self.url.startswith('http'):
            raise RuntimeError('the server did not start: '
                               + (self.place / 'server.log').read_text())
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(30)
        self.log.close()
        self.directory.cleanup()

    def cli(self, *words, cloud='lab', seconds=180):
        """What a command prints as JSON."""
        command = [BINARY, *words, '--url', self.url, '-o', 'json']
        environment = os.environ | {'CLOUDFARM_CLOUD': cloud}
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds,
                               cwd=self.place, env=environment, check=False)
        if ended.returncode != 0:
            raise Refused(words, ended)
        return json.loads(ended.stdout) if ended.stdout.strip() else None
