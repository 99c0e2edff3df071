"""The control plane behind the front."""
import http.client
import json
import os

IP = '127.0.0.1'
# What the front does not pass on, in either direction.
HOP = ('host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'keep-alive')


def base(service):
    return f'http://{IP}:{os.environ[f"PORT_{service.upper()}"]}'


class Answer:
    """What a service said."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def ok(self):
        return self.status < 300

    def json(self):
        return json.loads(self.body) if self.body else None


def ask(service, method, path, token=None, body=None, headers=()):
    """Asks a service; `body` is bytes as they came, or something to be written as JSON."""
    sent = {name: value for name, value in headers if name.lower() not in HOP}
    if token:
        sent = {name: value for name, value in sent.items() if name.lower() != 'x-auth-token'}
        sent['X-Auth-Token'] = token
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent['Content-Type'] = 'application/json'
    connection = http.client.HTTPConnection(
        IP, int(os.environ[f'PORT_{service.upper()}']), timeout=120)
    try:
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def login(user):
    """A token of Keystone, and the id of its project."""
    domain = {'name': 'Default'}
    answer = ask('keystone', 'POST', '/v3/auth/tokens', body={'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': user, 'domain': domain, 'password': os.environ['OSFAKE_PASSWORD']}}},
        'scope': {'project': {'name': user, 'domain': domain}},
    }})
    token = dict((name.lower(), value) for name, value in answer.headers)['x-subject-token']
    return token, answer.json()['token']['project']['id']
