"""Which door a request came through, and who answers it."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import accounts, networks, upstream, volumes
from .identity import Identity, Refused

REGIONS = tuple(region.lower() for region in accounts.REGIONS)


class Front(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.identity = Identity()
        self.base = f'http://127.0.0.1:{self.server_address[1]}'


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def handle_any(self):
        content = self.rfile.read(int(self.headers.get('content-length') or 0))
        try:
            self.route(content)
        except Refused as refused:
            self.reply(refused.status, refused.body)
        except ConnectionError:
            # The client did not wait for the answer.
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any  # noqa: N815

    def route(self, content):
        path, _, query = self.path.partition('?')
        if path.rstrip('/') == '/v2.0/tokens' and self.command == 'POST':
            self.reply(200, self.server.identity.login(parsed(content), self.server.base))
            return
        if path == '/front/tokens' and self.command == 'DELETE':
            self.server.identity.forget_all()
            self.reply(204, None)
            return
        door, rest = self.door(path)
        # What a service says of its versions it says to everybody.
        open_to_all = rest.rstrip('/') in ('/v2', '/v1')
        token = None
        if not open_to_all:
            token = self.server.identity.token(self.headers.get('x-auth-token', ''))
        DOORS[door](self, token, rest, query, content)

    def door(self, path):
        parts = path.split('/', 3)
        if len(parts) == 4 and parts[1] in REGIONS and parts[2] in DOORS:
            return parts[2], '/' + parts[3]
        raise Refused(404, 'itemNotFound', 'The resource could not be found.')

    def servers(self, token, rest, query, content):
        parts = rest.strip('/').split('/')
        if len(parts) > 2 and parts[2] == 'os-networksv2':
            status, body = networks.serve(token, self.command, '/'.join(parts[3:]), parsed(content))
            self.reply(status, body)
            return
        if self.command == 'POST' and parts[2:] == ['servers']:
            content = json.dumps(networks.chosen(token, parsed(content))).encode()
        self.forward('nova', token, rest, query, content, '/servers')

    def images(self, token, rest, query, content):
        self.forward('glance', token, rest, query, content, '/images')

    def volumes(self, token, rest, query, content):
        if content:
            content = json.dumps(volumes.to_new(parsed(content))).encode()
        rest = rest.replace('/v1', '/v3', 1)
        self.forward('cinder', token, rest, volumes.query(query), content, '/volumes',
                     volumes.to_old)

    def forward(self, service, token, rest, query, content, door, change=None):
        """Passes the call on, and the answer back with the front's own addresses in it."""
        answer = upstream.ask(service, self.command, rest + ('?' + query if query else ''),
                              token and token.keystone, content or None, self.headers.items())
        region = self.path.split('/', 2)[1]
        body = answer.body.replace(upstream.base(service).encode(),
                                   f'{self.server.base}/{region}{door}'.encode())
        if change and answer.ok and body:
            body = json.dumps(change(json.loads(body))).encode()
        self.reply(answer.status, body, answer.headers)

    def reply(self, status, body, headers=()):
        if body is None or isinstance(body, bytes):
            content = body or b''
        else:
            content, headers = json.dumps(body).encode(), [('Content-Type', 'application/json')]
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in (*upstream.HOP, 'date', 'server'):
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        if self.command != 'HEAD' and status not in (204, 304):
            self.wfile.write(content)

    def log_message(self, *_):
        pass

    def log_request(self, code='-', size='-'):
        print(self.command, self.path, getattr(code, 'value', code), flush=True)


DOORS = {'servers': Handler.servers, 'images': Handler.images, 'volumes': Handler.volumes}


def parsed(content):
    try:
        return json.loads(content) if content else None
    except ValueError as error:
        raise Refused(400, 'badRequest', 'Malformed request body') from error
