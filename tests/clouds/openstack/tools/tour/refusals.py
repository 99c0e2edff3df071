"""What is wrong is told in words that say what would be right, and nothing is made."""
from .farm import Refused
from .walk import Differs, stock

CHECKS = {
    'wrong-password': ['provider_auth', 'password'],
    'unknown-project': ['provider_auth', 'project'],
    'unknown-region': ['RegionTen', 'the regions are: RegionOne'],
    'html': ['html', 'extra_params.auth_url'],
    'html-compute': ['html'],
    'untrusted': ['certificate', 'not trusted', 'ca_file'],
}

# The exit status for what is wrong with what was asked.
WRONG_INPUT = 2


def walk(w):
    for cloud, words in CHECKS.items():
        w.step(f'check tells of: {cloud}', check, w, cloud, words)
    good = {'--image': 'cirros*', '--size': 'm1.nano'}
    w.step('an image that does not exist', create, w, 'lab', good | {'--image': 'beos-*'},
           ['beos-*'])
    w.step('a size that does not exist', create, w, 'lab', good | {'--size': 'm9.vast'},
           ['m9.vast'])
    w.step('a size of which there is none', create, w, 'lab', good | {'--size': 'ram>=99999999'},
           ['99999999'])
    w.step('a network that is required', create, w, 'other', good, ['left (', 'right ('])


def tells(text, words):
    missing = [word for word in words if word not in text]
    if missing:
        raise Differs(f'{missing} is not told in: {text}')
    if 'hunter2' in text:
        raise Differs(f'the password is told in: {text}')


def check(w, cloud, words):
    try:
        report = w.farm.cli('clouds', 'check', cloud)
    except Refused as refused:
        return tells(refused.told, words)
    return tells(str(report), words)


def create(w, cloud, options, words):
    name = w.name('never')
    options = [word for option in options.items() for word in option]
    try:
        w.farm.cli('nodes', 'create', name, *options, '--wait', cloud=cloud)
    except Refused as refused:
        tells(refused.told, words)
        if refused.status != WRONG_INPUT:
            raise Differs(f'exit status {refused.status}, expected {WRONG_INPUT}: {refused}') from None
    else:
        raise Differs('it was made')
    client = 'other' if cloud == 'other' else 'demo'
    if stock('server', 'list', '--name', f'^{name}$', cloud=client):
        raise Differs('the control plane has it')
