"""Writes the files that say how to sign in: clouds.yaml, env, openrc-demo."""
import json
import os
import shlex

import yaml

import endpoints
import world

ROOT = os.environ['CLOUDFARM_OPENSTACK_DIR']
PASSWORD = os.environ.get('OSFAKE_PASSWORD', 'secret')
REGION = os.environ.get('OSFAKE_REGION', 'RegionOne')


def entry(auth, **more):
    return {'auth': {'auth_url': endpoints.url('identity'), **auth},
            'region_name': REGION, 'identity_api_version': '3', **more}


def by_password(user, project, domain):
    return entry({'username': user, 'password': PASSWORD, 'project_name': project,
                  'user_domain_name': domain, 'project_domain_name': domain})


def by_application_credential():
    with open(os.path.join(ROOT, 'data', 'seed.json'), encoding='utf-8') as file:
        seeded = json.load(file)
    return entry({'application_credential_id': seeded['application_credential_id'],
                  'application_credential_secret': world.APPLICATION_CREDENTIAL_SECRET},
                 auth_type='v3applicationcredential')


def clouds():
    admin = {'username': 'admin', 'password': PASSWORD, 'user_domain_name': world.DEFAULT}
    made = {
        'admin': by_password('admin', 'admin', world.DEFAULT),
        'admin-system': entry({**admin, 'system_scope': 'all'}),
        'admin-domain': entry({**admin, 'domain_name': world.DEFAULT}),
        'demo-appcred': by_application_credential(),
    }
    for name, account in world.ACCOUNTS.items():
        made[name] = by_password(account.user, account.project, account.domain)
    return made


def write(name, text):
    path = os.path.join(ROOT, name)
    with open(path + '.new', 'w', encoding='utf-8', opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(text)
    os.replace(path + '.new', path)
    return path


def exports(variables):
    return ''.join(f'export {name}={shlex.quote(value)}\n' for name, value in variables.items())


def main():
    path = write('clouds.yaml', yaml.safe_dump({'clouds': clouds()}, sort_keys=True))
    write('env', exports({
        'OS_CLIENT_CONFIG_FILE': path,
        'OS_CLOUD': 'demo',
        'CLOUDFARM_OPENSTACK_AUTH_URL': endpoints.url('identity'),
        'CLOUDFARM_OPENSTACK_CLIENT': os.path.join(ROOT, 'venv', 'bin', 'openstack'),
        'CLOUDFARM_OPENSTACK_PYTHON': os.path.join(ROOT, 'venv', 'bin', 'python'),
    }))
    write('openrc-demo', exports({
        'OS_AUTH_URL': endpoints.url('identity'), 'OS_IDENTITY_API_VERSION': '3',
        'OS_USERNAME': 'demo', 'OS_PASSWORD': PASSWORD, 'OS_PROJECT_NAME': 'demo',
        'OS_USER_DOMAIN_NAME': world.DEFAULT, 'OS_PROJECT_DOMAIN_NAME': world.DEFAULT,
        'OS_REGION_NAME': REGION,
    }))


if __name__ == '__main__':
    main()
