"""The catalog: which service answers where, from the PORT_ variables."""
import os

# type of service, its name, the variable that holds its port, the path of its URL
CATALOG = (
    ('identity', 'keystone', 'PORT_KEYSTONE', '/v3'),
    ('image', 'glance', 'PORT_GLANCE', ''),
    ('placement', 'placement', 'PORT_PLACEMENT', ''),
    ('network', 'neutron', 'PORT_NEUTRON', ''),
    ('compute', 'nova', 'PORT_NOVA', '/v2.1'),
    ('volumev3', 'cinder', 'PORT_CINDER', '/v3/%(project_id)s'),
    ('block-storage', 'cinder', 'PORT_CINDER', '/v3/%(project_id)s'),
)
IP = os.environ.get('OSFAKE_IP', '127.0.0.1')


def url(kind):
    for entry, _, port, path in CATALOG:
        if entry == kind:
            return f'http://{IP}:{os.environ[port]}{path}'
    raise KeyError(kind)
