"""A control plane that answers at once: the recorded replies of the real one, with any number of
servers. It stands in where the clients are measured and the services are not.

usage: replay.py SERVERS        prints its port, ends with its standard input
"""
import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import replaying  # noqa: E402

GOLDEN = Path(__file__).resolve().parents[2] / 'clouds/openstack/golden'
# As many as Nova puts on a page unless it is set up otherwise.
PAGE = 1000
SERVERS = '/compute/v2.1/servers/detail'
FLAVORS = '/compute/v2.1/flavors/'


def golden(name):
    return json.loads((GOLDEN / f'{name}.json').read_text())


def server_id(number):
    return f'{number:08x}-0000-4000-8000-00000000008e'


class Pages:
    """The pages of a list of servers as one microversion has them."""

    def __init__(self, name, host, count):
        server = golden(name)['body']['server']
        self.host = host
        self.servers = [json.dumps(server | {'id': server_id(number), 'name': f'node-{number}'})
                        for number in range(count)]
        self.made = {}

    def page(self, marker, limit):
        start = int(marker.split('-')[0], 16) + 1 if marker else 0
        if (start, limit) not in self.made:
            self.made[start, limit] = self.make(start, limit)
        return self.made[start, limit]

    def make(self, start, limit):
        end = start + limit
        body = f'{{"servers": [{", ".join(self.servers[start:end])}]'
        if end < len(self.servers):
            href = f'http://{self.host}{SERVERS}?marker={server_id(end - 1)}'
            body += f', "servers_links": {json.dumps([{"rel": "next", "href": href}])}'
        return (body + '}').encode()


class Replay:
    def __init__(self, port, count):
        self.host = f'127.0.0.1:{port}'
        self.old = Pages('server-active', self.host, count)
        self.new = Pages('server-active-2.96', self.host, count)
        self.token = json.dumps(self.with_addresses(golden('token-project')['body'])).encode()
        self.identity = self.moved(golden('identity-v3'), '127.0.0.1:5000')
        self.compute = self.moved(golden('compute-v2.1'), '127.0.0.1:8774', '/compute')
        pages = [golden(name)['body']['flavors'] for name in ('flavors-page', 'flavors-page-2')]
        flavors = sum(pages, [])
        self.flavors = {'detail': json.dumps({'flavors': flavors}).encode()}
        for flavor in flavors:
            self.flavors[flavor['id']] = json.dumps({'flavor': flavor}).encode()

    def moved(self, answer, from_host, path=''):
        return json.dumps(answer['body']).replace(from_host, self.host + path).encode()

    def with_addresses(self, body):
        token = body['token']
        token['expires_at'] = '2999-01-02T04:04:00.000000Z'
        paths = {'compute': '/compute/v2.1', 'identity': '/v3'}
        for service in token['catalog']:
            path = paths.get(service['type'], '/' + service['type'])
            for endpoint in service['endpoints']:
                endpoint['url'] = f'http://{self.host}{path}'
        return body

    def answer(self, request):
        path = request.path
        json_of = {'content-type': 'application/json'}
        if request.method == 'POST' and path == '/v3/auth/tokens':
            return 201, json_of | {'x-subject-token': 'replayed'}, self.token
        if path in ('', '/v3'):
            return 200, json_of, self.identity
        if path == '/compute/v2.1':
            return 200, json_of, self.compute
        if flavors := self.flavors.get(path.removeprefix(FLAVORS)):
            return 200, json_of, flavors
        if path.startswith('/compute/v2.1/servers/'):
            version = request.headers.get('openstack-api-version', 'compute 2.1')
            pages = self.old if version.endswith(' 2.1') else self.new
            return 200, json_of | {'openstack-api-version': version}, self.servers(pages, request)
        return 404, json_of, b'{"itemNotFound": {"code": 404, "message": "no such place"}}'

    def servers(self, pages, request):
        if request.path == SERVERS:
            limit = min(PAGE, int(request.query.get('limit', PAGE)))
            return pages.page(request.query.get('marker'), limit)
        number = int(request.path.rsplit('/', 1)[1].split('-')[0], 16)
        return f'{{"server": {pages.servers[number]}}}'.encode()


if __name__ == '__main__':
    replaying.main(lambda port, count: Replay(port, count).answer)
