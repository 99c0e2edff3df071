"""Chooses a port for every service and records them: `ports.py FILE`.

The ports follow one another from a base: the one that CLOUDFARM_OPENSTACK_PORT
gives, else the recorded one if its ports are still free, else the first free run
below the range from which the system takes ports for outgoing connections.
"""
import os
import re
import socket
import sys

SERVICES = ('KEYSTONE', 'PLACEMENT', 'GLANCE', 'NEUTRON', 'NOVA', 'CINDER')
FIRST, LAST, STEP = 24100, 32000, 10


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return False
    return True


def all_free(base):
    return all(free(base + i) for i in range(len(SERVICES)))


def recorded(path):
    try:
        with open(path, encoding='utf-8') as file:
            match = re.search(r'^PORT_KEYSTONE=(\d+)$', file.read(), re.M)
    except FileNotFoundError:
        return None
    return int(match.group(1)) if match else None


def choose(path):
    wanted = os.environ.get('CLOUDFARM_OPENSTACK_PORT')
    if wanted:
        if not wanted.isdigit() or not 1 <= int(wanted) <= 65535 - len(SERVICES):
            sys.exit(f'CLOUDFARM_OPENSTACK_PORT must be a port number, not {wanted!r}')
        if not all_free(int(wanted)):
            sys.exit(f'a port from {wanted} to {int(wanted) + len(SERVICES) - 1} is taken')
        return int(wanted)
    last = recorded(path)
    if last and all_free(last):
        return last
    for base in range(FIRST, LAST, STEP):
        if all_free(base):
            return base
    sys.exit(f'no {len(SERVICES)} free ports in a row from {FIRST} to {LAST}')


def main():
    path = sys.argv[1]
    base = choose(path)
    with open(path + '.new', 'w', encoding='utf-8') as file:
        for offset, name in enumerate(SERVICES):
            file.write(f'PORT_{name}={base + offset}\n')
    os.replace(path + '.new', path)


if __name__ == '__main__':
    main()
