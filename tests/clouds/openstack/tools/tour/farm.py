"""The clouds of the test control plane in the farm of a server of the tour's own."""
import json
import os
import subprocess

import yaml

from .cloudfarm import BINARY, Cloudfarm, Refused
from .wire import HtmlSite, Wire


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


class Farm(Cloudfarm):
    """The server, and what stands between it and the control plane."""

    def __init__(self):
        self.wire = Wire()
        self.site = HtmlSite()
        super().__init__(self.clouds())

    def make_farm(self, clouds):
        self.file = self.place / 'farm.toml'
        self.imported = self.bring_in()
        self.add(clouds)

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

    def __exit__(self, *error):
        super().__exit__(*error)
        self.wire.close()
        self.site.close()

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
