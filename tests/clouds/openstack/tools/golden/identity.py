"""keystone: versions, tokens of every kind, refusals."""
import json
import os

import world
from golden.recorder import password_identity

PROJECT = {'project': {'name': 'demo', 'domain': {'name': 'Default'}}}


def capture(recorder):
    record = recorder.record
    record('identity-versions', 'GET', 'identity', '//')
    record('identity-v3', 'GET', 'identity', '/')

    def token(name, identity, scope=None):
        auth = {'identity': identity}
        if scope:
            auth['scope'] = scope
        return record(name, 'POST', 'identity', '/auth/tokens', {'auth': auth})

    demo = password_identity('demo', world.DEFAULT)
    admin = password_identity('admin', world.DEFAULT)
    token('token-project', demo, PROJECT)
    token('token-unscoped', demo, 'unscoped')
    token('token-system', admin, {'system': {'all': True}})
    token('token-domain', admin, {'domain': {'name': world.DEFAULT}})
    with open(os.path.join(os.environ['CLOUDFARM_OPENSTACK_DIR'], 'data', 'seed.json'),
              encoding='utf-8') as file:
        seeded = json.load(file)
    token('token-application-credential', {
        'methods': ['application_credential'], 'application_credential': {
            'id': seeded['application_credential_id'],
            'secret': world.APPLICATION_CREDENTIAL_SECRET}})
    token('identity-error-401-wrong-password', password_identity('demo', world.DEFAULT, 'wrong'), PROJECT)
    token('identity-error-401-unknown-project', demo,
          {'project': {'name': 'nowhere', 'domain': {'name': 'Default'}}})
    record('identity-error-400', 'POST', 'identity', '/auth/tokens', {'auth': {}})
    record('identity-error-401-token', 'GET', 'identity', '/auth/projects', token='stale')
    record('identity-error-403', 'GET', 'identity', '/users')
    record('identity-error-404', 'GET', 'identity', '/projects/0123', who='admin')
    record('identity-error-405', 'PATCH', 'identity', '/auth/tokens', {})
    record('projects', 'GET', 'identity', '/auth/projects')
    record('catalog', 'GET', 'identity', '/auth/catalog')
