"""What is walked through."""
from tour.cloudfarm import Refused
from tour.walk import Differs, expect, stock


def walk(w):
    w.step('check takes the API key, and the password', check, w)
    w.step('both find the same images and sizes', catalogue, w)
    w.then('create', create, w)
    w.then('stop', stop, w)
    w.then('start', start, w)
    w.then('reboot', reboot, w)
    w.then('resize', resize, w)
    w.then('confirm the resize', confirm, w)
    w.then('snapshot', snapshot, w)
    w.then('destroy', destroy, w)
    w.step('what the node left is removed', remove, w)
    w.step('a wrong key is refused to both', wrong_key, w)
    w.step('an unknown region is answered with those there are', unknown_region, w)


def server(w):
    return stock('server', 'show', w.name('web'))


def check(w):
    for cloud in ('lab', 'by-password'):
        report = w.farm.cli('clouds', 'check', cloud)
        expect('check', [(found['cloud'], found['ok']) for found in report], [(cloud, True)])


def catalogue(w):
    for noun, kind in (('images', 'image'), ('sizes', 'flavor')):
        ours = sorted((thing['id'], thing['name']) for thing in w.farm.cli(noun, 'list'))
        theirs = sorted((str(thing['ID']), thing['Name']) for thing in stock(kind, 'list'))
        expect(noun, ours, theirs)


def create(w):
    w.farm.cli('nodes', 'create', w.name('web'), '--image', 'cirros*', '--size', 'ram>=512',
               '--metadata', 'role=web', '--wait')
    made = server(w)
    expect('status', made['status'], 'ACTIVE')
    if "'role': 'web'" not in repr(made['properties']):
        raise Differs(f'metadata is {made["properties"]!r}')


def stop(w):
    w.farm.cli('nodes', 'stop', w.name('web'), '--wait')
    expect('status', server(w)['status'], 'SHUTOFF')


def start(w):
    w.farm.cli('nodes', 'start', w.name('web'), '--wait')
    expect('status', server(w)['status'], 'ACTIVE')


def reboot(w):
    w.farm.cli('nodes', 'reboot', w.name('web'), '--wait')
    expect('status', server(w)['status'], 'ACTIVE')


def resize(w):
    w.farm.cli('nodes', 'resize', w.name('web'), '--size', 'm1.small', '--wait')
    expect('status', server(w)['status'], 'VERIFY_RESIZE')


def confirm(w):
    w.farm.cli('nodes', 'confirm-resize', w.name('web'), '--wait')
    expect('status', server(w)['status'], 'ACTIVE')


def snapshot(w):
    w.farm.cli('images', 'create', w.name('golden'), '--node', w.name('web'), '--wait')
    expect('image', stock('image', 'show', w.name('golden'))['status'], 'active')


def destroy(w):
    w.farm.cli('nodes', 'destroy', w.name('web'), '--yes', '--wait')
    expect('servers', stock('server', 'list', '--name', f'^{w.name("web")}$'), [])


def remove(w):
    w.farm.cli('images', 'delete', w.name('golden'), '--yes', '--wait')
    left = [image['Name'] for image in stock('image', 'list')]
    expect('left', [name for name in left if name.startswith(w.mark)], [])


def wrong_key(w):
    told = refused(w, 'wrong-key')
    if 'provider_auth' not in told or 'api key' not in told:
        raise Differs(f'cloudfarm says {told}')
    try:
        stock('server', 'list', cloud='wrong-key')
    except RuntimeError as error:
        if '401' not in str(error):
            raise Differs(f'the stock client says {error}') from error
    else:
        raise Differs('the stock client is let in')


def unknown_region(w):
    told = refused(w, 'unknown-region')
    if 'the regions are: DFW, IAD, LON, ORD' not in told:
        raise Differs(f'cloudfarm says {told}')


def refused(w, cloud):
    """What a check says of a cloud that it finds wrong."""
    try:
        w.farm.cli('clouds', 'check', cloud)
    except Refused as told:
        return str(told)
    raise Differs('it is taken')
