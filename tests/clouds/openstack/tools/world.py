"""What a clean control plane holds. README.md describes it to people."""
from collections import namedtuple

DEFAULT, ELSEWHERE = 'Default', 'Elsewhere'

Account = namedtuple('Account', 'user project domain role')

# demo owns what the tests use, other is another tenant in another domain, tight
# has next to no quota, viewer may read demo's resources and change nothing.
ACCOUNTS = {
    'demo': Account('demo', 'demo', DEFAULT, 'member'),
    'viewer': Account('viewer', 'demo', DEFAULT, 'reader'),
    'other': Account('other', 'other', ELSEWHERE, 'member'),
    'tight': Account('tight', 'tight', DEFAULT, 'member'),
}
APPLICATION_CREDENTIAL = 'demo-appcred'
APPLICATION_CREDENTIAL_SECRET = 'secret-of-demo-appcred'

Flavor = namedtuple('Flavor', 'id name ram vcpus disk more', defaults=({},))

FLAVORS = (
    Flavor('1', 'm1.tiny', 512, 1, 1),
    Flavor('2', 'm1.small', 2048, 1, 20),
    Flavor('3', 'm1.medium', 4096, 2, 40),
    Flavor('4', 'm1.large', 8192, 4, 80),
    Flavor('5', 'm1.xlarge', 16384, 8, 160),
    Flavor('6', 'm1.nano', 192, 1, 1),
    Flavor('c1-swap', 'c1.swap', 1024, 1, 10, {'swap': 512, 'ephemeral': 5}),
    # No local disk: nova wants such a server to boot from a volume.
    Flavor('v1-small', 'v1.small', 2048, 1, 0),
    # More disk than the host has: "No valid host was found".
    Flavor('x1-nohost', 'x1.nohost', 65536, 1, 1000000),
    # More cores than any quota here.
    Flavor('x1-overquota', 'x1.overquota', 65536, 500, 1),
)
EXTRA_SPECS = {'m1.xlarge': {'quota:cpu_shares': '2048'}}
PRIVATE_FLAVOR = Flavor('p1-demo', 'p1.demo', 1024, 1, 5)

Image = namedtuple('Image', 'name distro version more', defaults=({},))

# In the order of their creation, so that the newest of a kind is the last.
IMAGES = (
    Image('cirros-0.5.2', 'cirros', '0.5.2'),
    Image('cirros-0.6.2', 'cirros', '0.6.2'),
    Image('cirros-0.6.3', 'cirros', '0.6.3'),
    Image('ubuntu-20.04', 'ubuntu', '20.04', {'min_disk': 1}),
    Image('ubuntu-22.04', 'ubuntu', '22.04', {'min_disk': 1}),
    Image('ubuntu-24.04', 'ubuntu', '24.04', {'min_disk': 1}),
    Image('debian-12', 'debian', '12'),
    # Asks for more than the small flavors have.
    Image('windows-2022', 'windows', '2022', {'min_disk': 40, 'min_ram': 4096}),
)
DEMO_IMAGE = Image('demo-private', 'alpine', '3.20', {'visibility': 'private'})
# Two images of one name: a name alone does not choose between them.
TWIN_IMAGE = Image('twin', 'cirros', '0.6.3')

TIGHT_COMPUTE = {'instances': 1, 'cores': 2, 'ram': 4096}
TIGHT_VOLUME = {'volumes': 1, 'gigabytes': 2, 'snapshots': 1}
TIGHT_NETWORK = {'floating_ips': 1, 'networks': 1, 'security_groups': 2}
