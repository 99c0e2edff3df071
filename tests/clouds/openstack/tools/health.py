"""Is the control plane healthy? Exit status 0 if so; else says what is not.

`--wait SECONDS` asks again until then. `--since EPOCH` wants nova's and cinder's
own services to have reported themselves after that time, for a seeded copy holds
the reports of the run that made it.
"""
import argparse
import calendar
import json
import os
import sys
import time
import urllib.request

import endpoints

# Loopback is never behind a proxy, whatever the environment says.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotHealthy(Exception):
    """What is missing, for the person who reads it."""


def call(url, token=None, body=None):
    request = urllib.request.Request(
        url, json.dumps(body).encode() if body else None,
        {'Content-Type': 'application/json', 'Accept': 'application/json'})
    if token:
        request.add_header('X-Auth-Token', token)
    with OPENER.open(request, timeout=20) as reply:
        return reply.headers, json.load(reply)


def sign_in():
    headers, body = call(endpoints.url('identity') + '/auth/tokens', body={'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': 'admin', 'password': os.environ.get('OSFAKE_PASSWORD', 'secret'),
            'domain': {'id': 'default'}}}},
        'scope': {'project': {'name': 'admin', 'domain': {'id': 'default'}}}}})
    return headers['X-Subject-Token'], body['token']['project']['id']


def reported(service, since):
    stamp = (service.get('updated_at') or '')[:19]
    if not stamp:
        return False
    return calendar.timegm(time.strptime(stamp, '%Y-%m-%dT%H:%M:%S')) >= since


def want_services(what, services, wanted, since):
    up = {s['binary'] for s in services if s['state'] == 'up' and reported(s, since)}
    missing = sorted(wanted - up)
    if missing:
        raise NotHealthy(f'{what}: not up: {", ".join(missing)}')


def examine(since, hypervisor):
    token, project = sign_in()
    compute = endpoints.url('compute')
    volume = endpoints.url('volumev3') % {'project_id': project}
    want_services('nova', call(compute + '/os-services', token)[1]['services'],
                  {'nova-conductor', 'nova-scheduler', 'nova-compute'}, since)
    want_services('cinder', call(volume + '/os-services', token)[1]['services'],
                  {'cinder-scheduler', 'cinder-volume'}, since)
    if hypervisor and not call(compute + '/os-hypervisors', token)[1]['hypervisors']:
        raise NotHealthy('nova: no hypervisor')
    call(endpoints.url('network') + '/v2.0/networks?limit=1', token)
    call(endpoints.url('image') + '/v2/images?limit=1', token)
    call(endpoints.url('placement') + '/resource_providers', token)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--wait', type=float, default=0)
    parser.add_argument('--since', type=int, default=0)
    parser.add_argument('--before-discovery', action='store_true',
                        help='the compute host is not mapped to its cell yet')
    options = parser.parse_args()
    deadline = time.monotonic() + options.wait
    while True:
        try:
            return examine(options.since, not options.before_discovery)
        except (NotHealthy, OSError, ValueError, KeyError) as error:
            if time.monotonic() >= deadline:
                sys.exit(f'not healthy: {error}')
        time.sleep(0.2)


if __name__ == '__main__':
    main()
