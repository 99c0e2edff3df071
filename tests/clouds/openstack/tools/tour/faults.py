"""A fault between cloudfarm and the control plane that would make things twice."""
from .walk import expect, stock


def walk(w):
    w.then('a create whose answer is lost is found again', create, w)


def create(w):
    name = w.name('lossy')
    w.farm.cli('nodes', 'create', name, '--image', 'cirros*', '--size', 'm1.nano', '--wait',
               cloud='lossy')
    expect('answers lost', w.farm.wire.lost, 1)
    expect('creates that Nova saw', w.farm.wire.creates, 1)
    servers = stock('server', 'list', '--name', f'^{name}$')
    expect('servers', [server['Status'] for server in servers], ['ACTIVE'])
