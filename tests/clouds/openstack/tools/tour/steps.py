"""The tour as it is documented."""
from .farm import IMPORTED
from .walk import Differs, expect, stock


def walk(w):
    w.step('import finds that each cloud takes the credentials', imported, w)
    w.step('nothing secret is in the farm file', referred, w)
    w.step('check takes the credentials', check, w)
    w.then('create', create, w)
    w.then('reboot', reboot, w)
    w.then('resize', resize, w)
    w.then('confirm the resize', confirm, w)
    w.then('snapshot', snapshot, w)
    w.then('attach a volume', attach, w)
    w.then('floating address', floating, w)
    w.then('destroy', destroy, w)
    w.step('what the node left is removed', remove, w)


def server(w):
    return stock('server', 'show', w.name('web'))


def imported(w):
    checked = {cloud['cloud']: cloud['ok'] for cloud in w.farm.imported}
    expect('imported and asked', checked, dict.fromkeys(IMPORTED.values(), True))


def referred(w):
    text = w.farm.file.read_text(encoding='utf-8').split('[cloud_farm.lossy]')[0]
    if 'clouds_yaml = "demo"' not in text or 'secret' in text:
        raise Differs(f'the entries are no references: {text}')


def check(w):
    report = w.farm.cli('clouds', 'check', 'lab')
    expect('check', [(cloud['cloud'], cloud['ok']) for cloud in report], [('lab', True)])


def create(w):
    w.farm.cli('nodes', 'create', w.name('web'), '--image', 'cirros*', '--size', 'ram>=512',
               '--metadata', 'role=web', '--wait')
    made = server(w)
    expect('status', made['status'], 'ACTIVE')
    expect('the newest image', made['image'].split(' ')[0], 'cirros-0.6.3')
    expect('the smallest size that fits', flavor(made), 'm1.tiny')
    if "'role': 'web'" not in repr(made['properties']):
        raise Differs(f'metadata is {made["properties"]!r}')


def flavor(made):
    shown = made['flavor']
    return shown['name'] if isinstance(shown, dict) else shown.split(' ')[0]


def reboot(w):
    w.farm.cli('nodes', 'reboot', w.name('web'), '--wait')
    expect('status', server(w)['status'], 'ACTIVE')


def resize(w):
    w.farm.cli('nodes', 'resize', w.name('web'), '--size', 'm1.small', '--wait')
    expect('status', server(w)['status'], 'VERIFY_RESIZE')


def confirm(w):
    w.farm.cli('nodes', 'confirm-resize', w.name('web'), '--wait')
    made = server(w)
    expect('status', made['status'], 'ACTIVE')
    expect('size', flavor(made), 'm1.small')


def snapshot(w):
    w.farm.cli('images', 'create', w.name('golden'), '--node', w.name('web'), '--wait')
    expect('image', stock('image', 'show', w.name('golden'))['status'], 'active')


def attach(w):
    w.farm.cli('volumes', 'create', w.name('data'), '--size', '1', '--wait')
    expect('volume', stock('volume', 'show', w.name('data'))['status'], 'available')
    w.farm.cli('volumes', 'attach', w.name('data'), '--node', w.name('web'), '--wait')
    volume = stock('volume', 'show', w.name('data'))
    expect('volume', volume['status'], 'in-use')
    on = [attachment['server_id'] for attachment in volume['attachments']]
    expect('on', on, [server(w)['id']])


def floating(w):
    before = {address['id'] for address in w.farm.cli('addresses', 'list')}
    w.farm.cli('addresses', 'create', '--wait')
    made = [a for a in w.farm.cli('addresses', 'list') if a['id'] not in before]
    ip = made[0]['ip']
    w.undo.append(ip)
    w.farm.cli('addresses', 'associate', ip, '--node', w.name('web'), '--wait')
    shown = stock('floating', 'ip', 'show', ip)
    addresses = [ip for ips in server(w)['addresses'].values() for ip in ips]
    if ip not in addresses or shown['fixed_ip_address'] not in addresses:
        raise Differs(f'{ip} of {shown["fixed_ip_address"]} is not on the node: {addresses}')


def destroy(w):
    w.farm.cli('nodes', 'destroy', w.name('web'), '--yes', '--wait')
    expect('servers', stock('server', 'list', '--name', f'^{w.name("web")}$'), [])
    expect('volume', stock('volume', 'show', w.name('data'))['status'], 'available')


def remove(w):
    w.farm.cli('volumes', 'delete', w.name('data'), '--yes', '--wait')
    w.farm.cli('images', 'delete', w.name('golden'), '--yes', '--wait')
    w.farm.cli('addresses', 'delete', w.undo[-1], '--yes', '--wait')
    gone = w.undo.pop()
    left = [v['Name'] for v in stock('volume', 'list') + stock('image', 'list')]
    left += [a['Floating IP Address'] for a in stock('floating', 'ip', 'list')]
    expect('left', [what for what in left if what == gone or str(what).startswith(w.mark)], [])
