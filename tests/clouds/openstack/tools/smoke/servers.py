"""A server's life, and the faults that can be asked for."""
import time

from openstack import exceptions

from smoke.steps import until

USER_DATA = 'I2Nsb3VkLWNvbmZpZwo='
DELAY = 3


def born(walk):
    group = walk.demo.network.create_security_group(name=walk.name('group'))
    walk.undo.append(lambda: walk.demo.network.delete_security_group(group))
    walk.step('security group rule', lambda: walk.demo.network.create_security_group_rule(
        security_group_id=group.id, direction='ingress', ethertype='IPv4', protocol='tcp',
        port_range_min=22, port_range_max=22, remote_ip_prefix='0.0.0.0/0').id)

    def create():
        server = walk.create_server(
            'vm', image_id=walk.image.id, networks=[{'uuid': walk.network.id}],
            key_name=walk.name('generated'), security_groups=[{'name': group.name}],
            metadata={'a': 'b'}, user_data=USER_DATA)
        return walk.settled(server, 'ACTIVE')
    return walk.step('create -> ACTIVE', create)


def looked_at(walk, server):
    compute = walk.demo.compute
    walk.step('addresses', lambda: [(a['addr'], a['OS-EXT-IPS:type'])
                                    for a in server.addresses['private']])
    walk.step('list by name', lambda: [s.id for s in compute.servers(name=server.name)])
    walk.step('console log', lambda: repr(
        compute.get_server_console_output(server.id, length=2)['output']))
    walk.step('console url', lambda: compute.create_console(server.id, 'novnc')['url'])
    walk.step('metadata', lambda: dict(
        compute.set_server_metadata(server.id, x='y') and compute.get_server(server.id).metadata))
    walk.step('tags', lambda: compute.put(
        f'/servers/{server.id}/tags/t1', microversion='2.26').raise_for_status())
    walk.step('rename', lambda: compute.update_server(server.id, name=server.name + '-b').name)
    walk.step('actions', lambda: [a.action for a in compute.server_actions(server)])


def moved_about(walk, server):
    compute = walk.demo.compute

    def act(name, status, verb, *args, **kwargs):
        def run():
            verb(server, *args, **kwargs)
            return walk.settled(server, status).status
        walk.step(name, run)

    act('reboot soft', 'ACTIVE', compute.reboot_server, 'SOFT')
    act('reboot hard', 'ACTIVE', compute.reboot_server, 'HARD')
    act('stop', 'SHUTOFF', compute.stop_server)
    walk.refuses('stop again', exceptions.ConflictException, lambda: compute.stop_server(server))
    act('start', 'ACTIVE', compute.start_server)
    act('pause', 'PAUSED', compute.pause_server)
    act('unpause', 'ACTIVE', compute.unpause_server)
    act('suspend', 'SUSPENDED', compute.suspend_server)
    act('resume', 'ACTIVE', compute.resume_server)
    walk.step('lock', lambda: compute.lock_server(server))
    walk.step('unlock', lambda: compute.unlock_server(server))
    act('rescue', 'RESCUE', compute.rescue_server)
    act('unrescue', 'ACTIVE', compute.unrescue_server)
    act('rebuild', 'ACTIVE', compute.rebuild_server, image=walk.image.id)
    act('change password', 'ACTIVE', compute.change_server_password, 'another')
    act('shelve', 'SHELVED_OFFLOADED', compute.shelve_server)
    act('unshelve', 'ACTIVE', compute.unshelve_server)
    act('resize', 'VERIFY_RESIZE', compute.resize_server, walk.bigger.id)
    act('resize confirm', 'ACTIVE', compute.confirm_server_resize)
    walk.step('flavor after', lambda: compute.get_server(server.id).flavor['original_name'])
    act('resize', 'VERIFY_RESIZE', compute.resize_server, walk.flavor.id)
    act('resize revert', 'ACTIVE', compute.revert_server_resize)


def snapshotted(walk, server):
    compute, image = walk.demo.compute, walk.demo.image

    def snapshot():
        made = compute.create_server_image(server, walk.name('image'), metadata={'m': 'n'})
        walk.undo.append(lambda: image.delete_image(made.id))
        until('an active image', lambda: image.get_image(made.id).status == 'active')
        walk.settled(server, 'ACTIVE')
        return made.id
    made = walk.step('image of a server', snapshot)
    if made:
        walk.step('image delete', lambda: image.delete_image(made))


def grouped(walk):
    def group():
        made = walk.demo.compute.create_server_group(
            name=walk.name('servers'), policies=['soft-anti-affinity'])
        walk.undo.append(lambda: walk.demo.compute.delete_server_group(made))
        return made.id
    walk.step('server group', group)


def faults(walk):
    compute = walk.demo.compute

    def create(what, **keywords):
        return walk.create_server(what, image_id=walk.image.id,
                                  networks=[{'uuid': walk.network.id}], **keywords)

    def fault(what, words, **keywords):
        server = create(what, **keywords)
        message = walk.settled(server, 'ERROR').fault['message']
        if words not in message:
            raise RuntimeError(f'the fault says {message!r}')
        walk.destroy_server(server)
        return message

    def slow():
        start = time.monotonic()
        server = create('slow', metadata={'osfake_delay': str(DELAY)})
        walk.settled(server, 'ACTIVE')
        took = time.monotonic() - start
        if took < DELAY:
            raise RuntimeError(f'it took {took:.1f} s only')
        walk.destroy_server(server)
        return f'{took:.1f} s'

    def failing(step, ends, act):
        server = walk.settled(create(step), 'ACTIVE')
        compute.set_server_metadata(server.id, osfake_fail=step)
        act(server)
        until('a failed action', lambda: any(
            event.result == 'Error' for action in compute.server_actions(server)
            for event in compute.get_server_action(action.request_id, server).events))
        fault = walk.settled(server, ends).fault
        walk.destroy_server(server)
        return fault and fault['message']

    walk.step('fault: spawn fails', fault, 'spawn', 'osfake', metadata={'osfake_fail': 'spawn'})
    walk.step('fault: no valid host', fault, 'nohost', 'No valid host',
              flavor_id=compute.find_flavor('x1.nohost').id)
    walk.step(f'fault: spawn takes {DELAY} s', slow)
    walk.step('fault: resize fails', failing, 'resize', 'ERROR',
              lambda s: compute.resize_server(s, walk.bigger.id))
    walk.step('fault: snapshot fails', failing, 'snapshot', 'ACTIVE',
              lambda s: compute.create_server_image(s, walk.name('never'), wait=False))
    walk.step('fault: the first destroy fails', failing, 'destroy', 'ERROR', compute.delete_server)


def timed(walk, count=5):
    took = []
    for number in range(count):
        start = time.monotonic()
        server = walk.create_server(f't{number}', image_id=walk.image.id,
                                    networks=[{'uuid': walk.network.id}])
        walk.settled(server, 'ACTIVE')
        took.append(f'{time.monotonic() - start:.2f}')
        walk.destroy_server(server)
    print(f'create -> ACTIVE, {count} in turn: {" ".join(took)} s')
