"""Signing in, the catalog, what may be chosen from, and whose things are whose."""
import openstack
from openstack import exceptions

PUBLIC_KEY = ('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJzUw8XhVQ0pAAsYyLq2FZ8CwYV0Ww5P0Jw8c4yEw8Xh '
              'me@example')


def sign_in(walk):
    demo = walk.demo
    walk.step('token', lambda: f'{len(demo.auth_token)} characters')
    walk.step('catalog', lambda: sorted(
        {e['type'] for e in demo.session.auth.get_access(demo.session)._data['token']['catalog']}))
    walk.step('application credential',
              lambda: [f.name for f in openstack.connect(cloud='demo-appcred').compute.flavors()])
    walk.step('system scope',
              lambda: len(list(openstack.connect(cloud='admin-system').identity.projects())))
    walk.refuses('wrong password', exceptions.SDKException, lambda: openstack.connect(
        load_yaml_config=False, load_envvars=False,
        auth={**demo.config.config['auth'], 'password': 'wrong'}).authorize())


def choices(walk):
    demo = walk.demo
    walk.step('flavors', lambda: [f.name for f in demo.compute.flavors()])
    walk.step('images', lambda: [i.name for i in demo.image.images()])
    walk.step('networks', lambda: [n.name for n in demo.network.networks()])
    walk.step('availability zones', lambda: [z.name for z in demo.compute.availability_zones()])
    walk.step('limits', lambda: demo.compute.get_limits().absolute.total_cores)
    walk.step('hypervisors (admin)', lambda: [h.name for h in walk.admin.compute.hypervisors(details=True)])
    walk.flavor = demo.compute.find_flavor('m1.small', ignore_missing=False)
    walk.bigger = demo.compute.find_flavor('m1.medium', ignore_missing=False)
    walk.image = demo.image.find_image('cirros-0.6.3', ignore_missing=False)
    walk.network = demo.network.find_network('private', ignore_missing=False)


def key_pairs(walk):
    demo = walk.demo
    for what, more in (('generated', {}), ('imported', {'public_key': PUBLIC_KEY})):
        name = walk.name(what)
        walk.undo.append(lambda name=name: demo.compute.delete_keypair(name))
        walk.step(f'key pair {what}',
                  lambda n=name, m=more: demo.compute.create_keypair(name=n, **m).fingerprint)
    walk.refuses('key pair of the same name', exceptions.ConflictException,
                 lambda: demo.compute.create_keypair(name=walk.name('generated')))


def other_tenants(walk, server):
    other, viewer, tight = (openstack.connect(cloud=c) for c in ('other', 'viewer', 'tight'))
    walk.refuses("another tenant's server", exceptions.NotFoundException,
                 lambda: other.compute.get_server(server.id))
    walk.step('a reader sees it', lambda: viewer.compute.get_server(server.id).name)
    walk.refuses('a reader may not stop it', exceptions.ForbiddenException,
                 lambda: viewer.compute.stop_server(server.id))
    walk.refuses('two networks and none chosen', exceptions.ConflictException,
                 lambda: exceptions.raise_from_response(other.compute.post(
                     '/servers', microversion='2.36', json={'server': {
                         'name': walk.name('x'), 'flavorRef': walk.flavor.id,
                         'imageRef': walk.image.id}})))
    walk.refuses('over the quota of cores', exceptions.ForbiddenException,
                 lambda: tight.compute.create_server(
                     name=walk.name('x'), flavor_id=tight.compute.find_flavor('m1.large').id,
                     image_id=walk.image.id, networks='none'))
    walk.refuses('over the quota of volumes', exceptions.HttpException,
                 lambda: tight.block_storage.create_volume(size=3))
