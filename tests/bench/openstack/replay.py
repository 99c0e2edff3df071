"""A control plane that answers at once: the recorded replies of the real one, with any number of
servers. It stands in where the clients are measured and the services are not.

usage: replay.py SERVERS        prints the address of its Keystone, ends with its standard input
"""
import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GOLDEN = Path(__file__).resolve().parents[2] / 'clouds/openstack/golden'
# As many as Nova puts on a page unless it is set up otherwise.
PAGE = 1000
SERVERS = '/compute/v2.1/servers/detail'


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
    def __init__(self, count):
        self.count = count

    async def listen(self):
        server = await asyncio.start_server(self.serve, '127.0.0.1', 0)
        self.host = '127.0.0.1:%d' % server.sockets[0].getsockname()[1]
        self.old = Pages('server-active', self.host, self.count)
        self.new = Pages('server-active-2.96', self.host, self.count)
        self.token = json.dumps(self.with_addresses(golden('token-project')['body'])).encode()
        self.identity = self.moved(golden('identity-v3'), '127.0.0.1:5000')
        self.compute = self.moved(golden('compute-v2.1'), '127.0.0.1:8774', '/compute')
        return server

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

    def answer(self, method, target, headers):
        """Status, a header and the body."""
        url = urlsplit(target)
        path = url.path.rstrip('/')
        if method == 'POST' and path == '/v3/auth/tokens':
            return 201, 'x-subject-token: replayed', self.token
        if path in ('', '/v3'):
            return 200, '', self.identity
        if path == '/compute/v2.1':
            return 200, '', self.compute
        if path.startswith('/compute/v2.1/servers/'):
            version = headers.get('openstack-api-version', 'compute 2.1')
            pages = self.old if version.endswith(' 2.1') else self.new
            asked = parse_qs(url.query)
            return 200, f'openstack-api-version: {version}', self.servers(pages, path, asked)
        return 404, '', b'{"itemNotFound": {"code": 404, "message": "no such place"}}'

    def servers(self, pages, path, asked):
        if path == SERVERS:
            limit = min(PAGE, int(asked.get('limit', [PAGE])[0]))
            return pages.page(asked.get('marker', [None])[0], limit)
        number = int(path.rsplit('/', 1)[1].split('-')[0], 16)
        return f'{{"server": {pages.servers[number]}}}'.encode()

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b'\r\n\r\n'):
                first, *lines = head.decode().splitlines()
                headers = dict(line.lower().split(': ', 1) for line in lines if ': ' in line)
                await reader.readexactly(int(headers.get('content-length', 0)))
                method, target, _ = first.split(' ')
                status, header, body = self.answer(method, target, headers)
                told = [f'HTTP/1.1 {status} x', 'content-type: application/json',
                        f'content-length: {len(body)}']
                told += [header] if header else []
                writer.write('\r\n'.join([*told, '', '']).encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    replay = Replay(int(sys.argv[1]))
    server = await replay.listen()
    print(f'http://{replay.host}/v3', flush=True)
    # Until whoever started it is gone.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == '__main__':
    asyncio.run(main())
