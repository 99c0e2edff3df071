import os
import sys

from tour.cloudfarm import Cloudfarm
from tour.walk import Walk

from . import steps


def entry(**changes):
    """The account of the front as an entry of a farm."""
    params = {'auth_url': os.environ['CLOUDFARM_RACKSPACE_AUTH_URL'], 'region': 'dfw',
              'http': {'proxy': 'none'}}
    secret = changes.pop('password', os.environ['CLOUDFARM_RACKSPACE_API_KEY'])
    return {'engine': 'rackspace', 'user': os.environ['CLOUDFARM_RACKSPACE_USER'],
            'password': secret, 'extra_params': params | changes}


CLOUDS = {
    'lab': entry(),
    'by-password': entry(password=os.environ['CLOUDFARM_RACKSPACE_PASSWORD']),
    'wrong-key': entry(password='0' * 32),
    'unknown-region': entry(region='mars'),
}

with Cloudfarm(CLOUDS) as farm:
    walk = Walk(farm)
    try:
        steps.walk(walk)
    finally:
        # The stock client knows no volumes of version 1, and none are made.
        walk.clean_up(('server', 'image'))
    print(f'{walk.passed} passed, {walk.failed} failed')
    sys.exit(1 if walk.failed else 0)
