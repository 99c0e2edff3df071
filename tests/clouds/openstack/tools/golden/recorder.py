"""Speaks plain HTTP to the control plane and keeps the replies."""
import os
import time

import requests

import endpoints
import world
from golden.scrub import Scrubber

KEPT_HEADERS = ('Content-Type', 'Location', 'Link', 'Retry-After', 'WWW-Authenticate',
                'OpenStack-API-Version', 'X-Subject-Token', 'X-Openstack-Request-Id')
PASSWORD = os.environ.get('OSFAKE_PASSWORD', 'secret')


def password_identity(user, domain, password=PASSWORD):
    return {'methods': ['password'], 'password': {'user': {
        'name': user, 'domain': {'name': domain}, 'password': password}}}


class Recorder:
    def __init__(self, folder, root):
        self.folder = folder
        self.scrubber = Scrubber(root)
        self.http = requests.Session()
        self.http.trust_env = False
        self.tokens, self.projects = {}, {}
        self.count = 0
        self.sign_in('admin', 'admin', 'admin', world.DEFAULT)
        for name, account in world.ACCOUNTS.items():
            self.sign_in(name, account.user, account.project, account.domain)

    def sign_in(self, name, user, project, domain):
        reply = self.http.post(endpoints.url('identity') + '/auth/tokens', json={'auth': {
            'identity': password_identity(user, domain),
            'scope': {'project': {'name': project, 'domain': {'name': domain}}}}})
        reply.raise_for_status()
        self.tokens[name] = reply.headers['X-Subject-Token']
        self.projects[name] = reply.json()['token']['project']['id']
        self.scrubber.hide(self.tokens[name], 'token-of-the-golden-files')

    def url(self, service, path, who):
        base = endpoints.url(service)
        if path.startswith('//'):
            # Two slashes: from the root of the service, not from its version.
            return '/'.join(base.split('/')[:3]) + path[1:]
        return base % {'project_id': self.projects[who]} + path if '%' in base else base + path

    def call(self, method, service, path, body=None, who='demo', version=None, token=None):
        headers = {'Accept': 'application/json', 'X-Auth-Token': token or self.tokens[who]}
        if version:
            headers['OpenStack-API-Version'] = f'{service} {version}'
        return self.http.request(method, self.url(service, path, who), json=body,
                                 headers=headers, allow_redirects=False, timeout=60)

    def record(self, name, method, service, path, body=None, **keywords):
        """Makes the call, writes NAME.json, answers the body."""
        reply = self.call(method, service, path, body, **keywords)
        document = {
            'request': {'method': method, 'service': service,
                        'path': self.url(service, path, keywords.get('who', 'demo')).split('/', 3)[3]},
            'status': reply.status_code,
            'headers': {h: reply.headers[h] for h in KEPT_HEADERS if h in reply.headers},
        }
        document['request']['path'] = '/' + document['request']['path']
        if keywords.get('version'):
            document['request']['microversion'] = keywords['version']
        if body is not None:
            document['request']['body'] = body
        try:
            document['body'] = reply.json()
        except ValueError:
            document['text'] = reply.text
        with open(os.path.join(self.folder, name + '.json'), 'w', encoding='utf-8') as file:
            file.write(self.scrubber.document(document))
        self.count += 1
        print(f'{reply.status_code} {name}')
        return document.get('body')

    def get(self, service, path, **keywords):
        reply = self.call('GET', service, path, **keywords)
        reply.raise_for_status()
        return reply.json()

    def do(self, method, service, path, body=None, **keywords):
        reply = self.call(method, service, path, body, **keywords)
        if not reply.ok:
            raise RuntimeError(f'{method} {service} {path}: {reply.status_code} {reply.text[:300]}')
        return reply.json() if reply.content else None

    def until(self, what, ask, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = ask()
            if found:
                return found
            time.sleep(0.1)
        raise RuntimeError(f'{what}: not after {seconds} s')

    def until_server(self, server, status, seconds=120):
        def ask():
            now = self.get('compute', f'/servers/{server}')['server']
            if now['status'] == 'ERROR' != status:
                raise RuntimeError(f'the server went to ERROR: {now.get("fault")}')
            return now['status'] == status and not now['OS-EXT-STS:task_state']
        self.until(f'server {status}', ask, seconds)

    def until_volume(self, kind, thing, status):
        self.until(f'{kind} {status}', lambda: self.get(
            'volumev3', f'/{kind}s/{thing}')[kind]['status'] == status)

    def until_gone(self, service, path, **keywords):
        self.until(f'{path} gone', lambda: self.call(
            'GET', service, path, **keywords).status_code == 404)
