"""What stands between cloudfarm and the control plane: a wire that loses answers, and a web site."""
import http.client
import ssl
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from openstack import connect


class Server:
    """Serves on a free port until it is closed."""

    def __init__(self, handler):
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Wire(Server):
    """To Nova. Of the first create the answer is lost, and 503 stands in its place."""

    def __init__(self):
        self.lost = self.creates = 0
        nova = urlsplit(connect(cloud='demo').compute.get_endpoint())
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get('content-length') or 0))
                headers = {name: value for name, value in self.headers.items()
                           if name.lower() not in ('host', 'connection', 'accept-encoding')}
                upstream = http.client.HTTPConnection(nova.hostname, nova.port, timeout=60)
                upstream.request(self.command, self.path, body, headers)
                answer = upstream.getresponse()
                status, content = answer.status, answer.read()
                kind = answer.headers.get('content-type', '')
                if self.command == 'POST' and self.path.endswith('/servers'):
                    wire.creates += 1
                    if not wire.lost:
                        wire.lost += 1
                        status, content, kind = 503, b'<html>try again</html>', 'text/html'
                self.send_response(status)
                self.send_header('content-type', kind)
                if status != 204:
                    self.send_header('content-length', str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815  # the library's names

            def log_message(self, *_):
                pass

        super().__init__(Handler)
        self.url = f'http://127.0.0.1:{self.port}/v2.1'


class Page(BaseHTTPRequestHandler):
    """Answers everything with a page."""

    def answer(self):
        page = b'<!DOCTYPE html><html><title>Welcome</title></html>'
        self.send_response(200)
        self.send_header('content-type', 'text/html')
        self.send_header('content-length', str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST = answer  # noqa: N815  # the library's names

    def log_message(self, *_):
        pass


class HtmlSite(Server):
    """A web site, over HTTP and under a certificate that it signed itself."""

    def __init__(self):
        super().__init__(Page)
        self.url = f'http://127.0.0.1:{self.port}'
        self.secure = ThreadingHTTPServer(('127.0.0.1', 0), Page)
        self.secure.daemon_threads = True
        self.secure.socket = self_signed().wrap_socket(self.secure.socket, server_side=True)
        threading.Thread(target=self.secure.serve_forever, daemon=True).start()
        self.https_url = f'https://localhost:{self.secure.server_address[1]}/v3'

    def close(self):
        super().close()
        self.secure.shutdown()
        self.secure.server_close()


def self_signed():
    """A TLS context with a certificate that nobody else signed."""
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = Path(directory, 'key.pem'), Path(directory, 'certificate.pem')
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
             '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
             '-keyout', key, '-out', certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context
