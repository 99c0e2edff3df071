"""A cloudfarm server of the tour's own, with the clouds of the test control plane in its farm."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

import yaml

from .wire import HtmlSite, Wire

BINARY = os.environ['CLOUDFARM_BINARY']


class Refused(Exception):
    """A command that failed, with what it printed."""

    def __init__(self, command, ended):
        self.status = ended.returncode
        self.told = (ended.stdout + ended.stderr).strip()
        super().__init__(f'{" ".join(command)}: exit status {self.status}: {self.told}')


def entry(name, **changes):
    """A cloud of clouds.yaml as an entry of a farm."""
    with open(os.environ['OS_CLIENT_CONFIG_FILE'], encoding='utf-8') as file:
        cloud = yaml.safe_load(file)['clouds'][name]
    auth = cloud['auth']
    params = {
        'auth_url': auth['auth_url'],
        'project': auth['project_name'],
        'user_domain': auth['user_domain_name'],
        'project_domain': auth['project_domain_name'],
        'region': cloud['region_name'],
        'http': {'proxy': 'none'},
    }
    password = changes.pop('password', auth['password'])
    return {'engine': 'openstack', 'user': auth['username'], 'password': password,
            'extra_params': params | changes}


# How the clouds of clouds.yaml are called in the farm.
IMPORTED = {'demo': 'lab', 'demo-appcred': 'appcred', 'other': 'other', 'viewer': 'viewer'}


def inline(value):
    """A value as TOML has it on one line."""
    if isinstance(value, dict):
        return '{ ' + ', '.join(f'{key} = {inline(of)}' for key, of in value.items()) + ' }'
    return json.dumps(value)


class Farm:
    """Makes the farm, starts the server on it, and ends it."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix='cloudfarm-tour-')
        self.place = Path(self.directory.name)
        self.wire = Wire()
        self.site = HtmlSite()
        self.file = self.place / 'farm.toml'
        self.imported = self.bring_in()
        self.add(self.clouds())
        self.log = open(self.place / 'server.log', 'w', encoding='utf-8')
        self.server = subprocess.Popen(
            [BINARY, 'serve', '--listen', '127.0.0.1:0', '--farm', self.file, '-q'],
            stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=self.place)
        self.url = self.server.stdout.readline().strip()
        if not self.url.startswith('http'):
            raise RuntimeError('the server did not start: '
                               + (self.place / 'server.log').read_text())
        return self

    def bring_in(self):
        """What `cloudfarm clouds import` says of the clouds of clouds.yaml, each of which it asks."""
        words = ['clouds', 'import', '--farm', str(self.file), '--timeout', '60s', '-o', 'json']
        for name, ours in IMPORTED.items():
            words += ['--cloud', name, '--rename', f'{name}={ours}']
        ended = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=180,
                               cwd=self.place, check=False)
        if ended.returncode != 0:
            raise Refused(words, ended)
        return json.loads(ended.stdout)

    def add(self, clouds):
        """What is wrong on purpose stands in no clouds.yaml."""
        with open(self.file, 'a', encoding='utf-8') as file:
            for name, cloud in clouds.items():
                fields = '\n'.join(f'{key} = {inline(value)}' for key, value in cloud.items())
                file.write(f'\n[cloud_farm.{name}]\n{fields}\n')

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(30)
        self.log.close()
        self.wire.close()
        self.site.close()
        self.directory.cleanup()

    def clouds(self):
        site = self.site.url
        return {
            'lossy': entry('demo', endpoints={'compute': self.wire.url}),
            'wrong-password': entry('demo', password='hunter2'),
            'unknown-project': entry('demo', project='nowhere'),
            'unknown-region': entry('demo', region='RegionTen'),
            'html': entry('demo', auth_url=site),
            'html-compute': entry('demo', endpoints={'compute': f'{site}/v2.1'}),
            'untrusted': entry('demo', auth_url=self.site.https_url),
        }

    def cli(self, *words, cloud='lab', seconds=180):
        """What a command prints as JSON."""
        command = [BINARY, *words, '--url', self.url, '-o', 'json']
        environment = os.environ | {'CLOUDFARM_CLOUD': cloud}
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds,
                               cwd=self.place, env=environment, check=False)
        if ended.returncode != 0:
            raise Refused(words, ended)
        return json.loads(ended.stdout) if ended.stdout.strip() else None
