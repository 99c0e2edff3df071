"""nova: a server in every state that can be reached, and the replies on the way."""
from golden import network, volume

LATEST = '2.96'


def capture(recorder):
    record = recorder.record
    record('servers-none', 'GET', 'compute', '/servers/detail')
    first, second = create(recorder), create_latest(recorder)
    record('server-active', 'GET', 'compute', f'/servers/{first}')
    record(f'server-active-{LATEST}', 'GET', 'compute', f'/servers/{first}', version=LATEST)
    record('servers', 'GET', 'compute', '/servers')
    page = record('servers-page', 'GET', 'compute', '/servers/detail?limit=1')
    record('servers-page-2', 'GET', 'compute',
           '/' + page['servers_links'][0]['href'].split('/v2.1/')[1])
    record('compute-error-409-state', 'POST', 'compute', f'/servers/{first}/action', {'os-start': None})
    record('server-interfaces', 'GET', 'compute', f'/servers/{first}/os-interface')
    network.of_server(recorder, first)
    volume.capture(recorder, first)
    replies(recorder, first)
    states(recorder, first)
    from_volume(recorder)
    faults(recorder)
    record('server-delete', 'DELETE', 'compute', f'/servers/{first}')
    recorder.do('DELETE', 'compute', f'/servers/{second}')
    for server in (first, second):
        recorder.until_gone('compute', f'/servers/{server}')


def order(recorder, **more):
    image = recorder.get('image', '/v2/images?name=cirros-0.6.3')['images'][0]['id']
    private = recorder.get('network', '/v2.0/networks?name=private')['networks'][0]['id']
    return {'server': {'name': 'golden', 'flavorRef': '1', 'imageRef': image,
                       'networks': [{'uuid': private}], **more}}


def create(recorder):
    """A server that stays in BUILD long enough to be seen there."""
    made = recorder.record('server-create', 'POST', 'compute', '/servers', order(
        recorder, metadata={'osfake_delay': '3', 'role': 'web'}))
    server = made['server']['id']
    recorder.until('spawning', lambda: recorder.get('compute', f'/servers/{server}')['server'][
        'OS-EXT-STS:task_state'] == 'spawning')
    recorder.record('server-build', 'GET', 'compute', f'/servers/{server}')
    recorder.until_server(server, 'ACTIVE')
    recorder.do('DELETE', 'compute', f'/servers/{server}/metadata/osfake_delay')
    return server


def create_latest(recorder):
    made = recorder.record(f'server-create-{LATEST}', 'POST', 'compute', '/servers',
                           order(recorder, description='the second', tags=['a']), version=LATEST)
    recorder.until_server(made['server']['id'], 'ACTIVE')
    return made['server']['id']


def replies(recorder, server):
    record, path = recorder.record, f'/servers/{server}'

    def action(name, body, **keywords):
        return record(name, 'POST', 'compute', f'{path}/action', body, **keywords)

    action('console-output', {'os-getConsoleOutput': {'length': 3}})
    record('console-url', 'POST', 'compute', f'{path}/remote-consoles',
           {'remote_console': {'protocol': 'vnc', 'type': 'novnc'}}, version='2.6')
    action('change-password', {'changePassword': {'adminPass': 'new'}})
    recorder.until_server(server, 'ACTIVE')
    record('server-rename', 'PUT', 'compute', path, {'server': {'name': 'golden-renamed'}})
    record('server-metadata', 'PUT', 'compute', f'{path}/metadata', {'metadata': {'role': 'db'}})
    record('server-actions', 'GET', 'compute', f'{path}/os-instance-actions')
    action('server-image-2.1', {'createImage': {'name': 'golden-image'}})
    recorder.until_server(server, 'ACTIVE')
    action('server-image-2.45', {'createImage': {'name': 'golden-image'}}, version='2.45')
    recorder.until_server(server, 'ACTIVE')

    def images():
        return recorder.get('image', '/v2/images?name=golden-image')['images']
    recorder.until('both images', lambda: [i['status'] for i in images()] == ['active'] * 2)
    record('image-of-server', 'GET', 'image', f'/v2/images/{images()[0]["id"]}')
    for image in images():
        recorder.do('DELETE', 'image', f'/v2/images/{image["id"]}')


def states(recorder, server):
    def act(name, body, status):
        path = f'/servers/{server}'
        reply = recorder.call('POST', 'compute', f'{path}/action', body)
        reply.raise_for_status()
        recorder.until_server(server, status)
        if name:
            recorder.record(f'server-{name}', 'GET', 'compute', path)

    act('shutoff', {'os-stop': None}, 'SHUTOFF')
    act(None, {'os-start': None}, 'ACTIVE')
    act('paused', {'pause': None}, 'PAUSED')
    act(None, {'unpause': None}, 'ACTIVE')
    act('suspended', {'suspend': None}, 'SUSPENDED')
    act(None, {'resume': None}, 'ACTIVE')
    recorder.record('rescue', 'POST', 'compute', f'/servers/{server}/action', {'rescue': {}})
    recorder.until_server(server, 'RESCUE')
    recorder.record('server-rescue', 'GET', 'compute', f'/servers/{server}')
    act(None, {'unrescue': None}, 'ACTIVE')
    act('shelved-offloaded', {'shelve': None}, 'SHELVED_OFFLOADED')
    act(None, {'unshelve': None}, 'ACTIVE')
    act('verify-resize', {'resize': {'flavorRef': '2'}}, 'VERIFY_RESIZE')
    act(None, {'confirmResize': None}, 'ACTIVE')


def from_volume(recorder):
    body = order(recorder, block_device_mapping_v2=[{
        'boot_index': 0, 'source_type': 'image', 'destination_type': 'volume', 'volume_size': 1,
        'uuid': order(recorder)['server']['imageRef'], 'delete_on_termination': True}])
    body['server']['imageRef'] = ''
    server = recorder.do('POST', 'compute', '/servers', body)['server']['id']
    recorder.until_server(server, 'ACTIVE')
    recorder.record('server-from-volume', 'GET', 'compute', f'/servers/{server}')
    recorder.do('DELETE', 'compute', f'/servers/{server}')
    recorder.until_gone('compute', f'/servers/{server}')


def faults(recorder):
    for name, more in (('spawn', {'metadata': {'osfake_fail': 'spawn'}}),
                       ('no-valid-host', {'flavorRef': 'x1-nohost'})):
        server = recorder.do('POST', 'compute', '/servers', order(recorder, **more))['server']['id']
        recorder.until_server(server, 'ERROR')
        recorder.record(f'server-error-{name}', 'GET', 'compute', f'/servers/{server}')
        recorder.do('DELETE', 'compute', f'/servers/{server}')
        recorder.until_gone('compute', f'/servers/{server}')
