"""Takes the steps, prints a line for each, and compares what two clients see."""
import json
import os
import subprocess
import time

STATES = {
    'ACTIVE': 'running', 'BUILD': 'pending', 'SHUTOFF': 'stopped',
    'VERIFY_RESIZE': 'verify_resize', 'ERROR': 'error',
}

# The plugins of the services are not the client's, and it stumbles over them.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}


class Differs(Exception):
    """The two clients do not see the same, or not what was expected."""


def expect(what, found, wanted):
    if found != wanted:
        raise Differs(f'{what}: {found!r}, expected {wanted!r}')


def stock(*words, cloud='demo'):
    """What the stock client prints as JSON."""
    command = [os.environ['CLOUDFARM_OPENSTACK_CLIENT'], '--os-cloud', cloud, *words]
    if 'delete' not in words:
        command += ['-f', 'json']
    ended = subprocess.run(command, capture_output=True, text=True, timeout=180, env=ENVIRONMENT,
                           check=False)
    if ended.returncode != 0:
        raise RuntimeError(f'openstack {" ".join(words)}: {ended.stderr.strip()}')
    return json.loads(ended.stdout) if ended.stdout.strip() else None


class Walk:
    """The farm, the names of this walk, and the count of steps."""

    def __init__(self, farm):
        self.farm = farm
        self.passed = self.failed = 0
        self.mark = f'tour-{os.getpid()}'
        self.undo = []

    def name(self, what):
        return f'{self.mark}-{what}'

    def step(self, name, action, *arguments):
        """Takes one step; a failed one is printed, counted and answered with None."""
        start = time.monotonic()
        try:
            result = action(*arguments)
        except Exception as error:  # noqa: BLE001  # every kind is a failed step
            self.failed += 1
            print(f'FAILED {time.monotonic() - start:5.1f} s  {name}: {error}', flush=True)
            return None
        self.passed += 1
        print(f'passed {time.monotonic() - start:5.1f} s  {name}', flush=True)
        return result

    def both_see_the_same_nodes(self):
        """Ids, names, states and addresses of this walk's nodes, as both clients list them."""
        ours = {
            node['id']: (node['name'], node['state'],
                         sorted(address['ip'] for address in node['addresses']))
            for node in self.farm.cli('nodes', 'list', '--name', f'{self.mark}-*')
        }
        theirs = {
            server['ID']: (server['Name'], STATES.get(server['Status'], server['Status']),
                           sorted(ip for ips in server['Networks'].values() for ip in ips))
            for server in stock('server', 'list', '--name', f'^{self.mark}-')
        }
        if ours != theirs:
            raise Differs(f'cloudfarm sees {ours}, openstack sees {theirs}')
        return ours

    def then(self, name, action, *arguments):
        """A step, and the comparison after it."""
        result = self.step(name, action, *arguments)
        self.step(f'both see the same nodes after: {name}', self.both_see_the_same_nodes)
        return result

    def clean_up(self, kinds=('server', 'volume', 'image')):
        """Removes with the stock client whatever a failed step left."""
        for kind in kinds:
            extra = ['--wait'] if kind == 'server' else []
            for thing in stock(kind, 'list'):
                if thing['Name'].startswith(self.mark):
                    stock(kind, 'delete', *extra, thing['ID'])
        for address in self.undo:
            stock('floating', 'ip', 'delete', address)
