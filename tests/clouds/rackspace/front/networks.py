"""`os-networksv2` of Rackspace's Nova, put together from Neutron's networks and subnets."""
from . import upstream
from .identity import Refused

PUBLIC = '00000000-0000-0000-0000-000000000000'
SERVICE = '11111111-1111-1111-1111-111111111111'
EVERYBODYS = ({'id': PUBLIC, 'label': 'public'}, {'id': SERVICE, 'label': 'private'})
# The seeded network stands for ServiceNet.
SEEDED = 'private'


def ask(token, method, path, body=None):
    return upstream.ask('neutron', method, f'/v2.0/{path}', token.keystone, body)


def service_net(token):
    """The id of the network that stands for ServiceNet."""
    found = ask(token, 'GET', f'networks?name={SEEDED}&fields=id').json()['networks']
    return found[0]['id']


def serve(token, method, rest, body):
    """Answers a call below os-networksv2 with a status and a body."""
    if not rest:
        if method == 'POST':
            return 200, {'network': create(token, (body or {}).get('network') or {})}
        return 200, {'networks': everything(token)}
    if method == 'DELETE':
        return delete(token, rest)
    return 200, {'network': one(token, rest)}


def everything(token):
    found = ask(token, 'GET', 'networks?router:external=false').json()['networks']
    subnets = ask(token, 'GET', 'subnets').json()['subnets']
    ranges = {subnet['network_id']: subnet['cidr'] for subnet in reversed(subnets)}
    own = [written(network, ranges.get(network['id']))
           for network in found if network['name'] != SEEDED]
    return [*EVERYBODYS, *own]


def one(token, wanted):
    for network in everything(token):
        if network['id'] == wanted:
            return network
    raise Refused(404, 'itemNotFound', 'Network not found')


def create(token, wanted):
    label, cidr = wanted.get('label'), wanted.get('cidr')
    if not label or not cidr:
        raise Refused(400, 'badRequest', 'Network requires label and cidr')
    made = ask(token, 'POST', 'networks', {'network': {'name': label}})
    if not made.ok:
        raise Refused(403, 'forbidden', 'Quota exceeded, too many networks.')
    network = made.json()['network']
    version = 6 if ':' in cidr else 4
    subnet = ask(token, 'POST', 'subnets', {'subnet': {
        'network_id': network['id'], 'cidr': cidr, 'ip_version': version}})
    if not subnet.ok:
        ask(token, 'DELETE', f'networks/{network["id"]}')
        raise Refused(400, 'badRequest', 'CIDR is invalid')
    return written(network, subnet.json()['subnet']['cidr'])


def delete(token, wanted):
    if wanted in (PUBLIC, SERVICE):
        raise Refused(403, 'forbidden', 'Network is not yours to delete')
    one(token, wanted)
    answer = ask(token, 'DELETE', f'networks/{wanted}')
    if answer.status == 409:
        raise Refused(403, 'forbidden', 'Network in use by a server')
    return 202, None


def written(network, cidr):
    return {'id': network['id'], 'label': network['name'], 'cidr': cidr}


def chosen(token, body):
    """The networks of a server to be made, as Nova takes them."""
    server = body.get('server') if isinstance(body, dict) else None
    if not isinstance(server, dict):
        return body
    asked = server.get('networks')
    if not asked:
        server['networks'] = [{'uuid': service_net(token)}]
        return body
    networks = []
    for network in asked:
        if network.get('uuid') == PUBLIC:
            continue
        if network.get('uuid') == SERVICE:
            network = network | {'uuid': service_net(token)}
        networks.append(network)
    server['networks'] = networks or [{'uuid': service_net(token)}]
    return body
