"""nova: what may be chosen from, key pairs, limits, refusals."""

PUBLIC_KEY = ('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJzUw8XhVQ0pAAsYyLq2FZ8CwYV0Ww5P0Jw8c4yEw8Xh '
              'me@example')
NOWHERE = '11111111-2222-4333-8444-555555555555'


def capture(recorder):
    record, project = recorder.record, recorder.projects['demo']
    record('compute-versions', 'GET', 'compute', '//')
    record('compute-v2.1', 'GET', 'compute', '/')
    page = record('flavors-page', 'GET', 'compute', '/flavors/detail?limit=2')
    record('flavors-page-2', 'GET', 'compute',
           '/' + page['flavors_links'][0]['href'].split('/v2.1/')[1])
    record('flavors-2.61', 'GET', 'compute', '/flavors/detail?limit=5', version='2.61')
    record('flavor-extra-specs', 'GET', 'compute', '/flavors/5/os-extra_specs')
    record('availability-zones', 'GET', 'compute', '/os-availability-zone')
    record('limits', 'GET', 'compute', '/limits')
    record('quota-set', 'GET', 'compute', f'/os-quota-sets/{project}')
    record('quota-set-detail', 'GET', 'compute', f'/os-quota-sets/{project}/detail')
    record('hypervisors', 'GET', 'compute', '/os-hypervisors', who='admin')
    record('services', 'GET', 'compute', '/os-services', who='admin')
    key_pairs(recorder)
    group = record('server-group-create', 'POST', 'compute', '/os-server-groups',
                   {'server_group': {'name': 'golden', 'policies': ['affinity']}})
    record('server-groups', 'GET', 'compute', '/os-server-groups')
    recorder.do('DELETE', 'compute', f'/os-server-groups/{group["server_group"]["id"]}')
    refusals(recorder)


def key_pairs(recorder):
    record = recorder.record
    record('key-pair-generate', 'POST', 'compute', '/os-keypairs', {'keypair': {'name': 'golden'}})
    record('key-pair-import', 'POST', 'compute', '/os-keypairs',
           {'keypair': {'name': 'golden-2', 'public_key': PUBLIC_KEY}}, version='2.2')
    record('key-pairs', 'GET', 'compute', '/os-keypairs')
    record('key-pair', 'GET', 'compute', '/os-keypairs/golden-2')
    record('compute-error-409-key-pair', 'POST', 'compute', '/os-keypairs',
           {'keypair': {'name': 'golden-2', 'public_key': PUBLIC_KEY}})
    record('key-pair-delete', 'DELETE', 'compute', '/os-keypairs/golden')
    record('key-pair-delete-2.2', 'DELETE', 'compute', '/os-keypairs/golden-2', version='2.2')


def refusals(recorder):
    record = recorder.record
    image = recorder.get('image', '/v2/images?name=cirros-0.6.3')['images'][0]['id']

    def create(name, flavor='1', picture=image, who='demo', **more):
        record(name, 'POST', 'compute', '/servers', {'server': {
            'name': 'golden-no', 'flavorRef': flavor, 'imageRef': picture, **more}}, who=who)

    create('compute-error-400-flavor', flavor='none-such')
    create('compute-error-400-image', picture=NOWHERE)
    create('compute-error-400-network', networks=[{'uuid': NOWHERE}])
    create('compute-error-400-flavor-small', picture=recorder.get(
        'image', '/v2/images?name=windows-2022')['images'][0]['id'])
    create('compute-error-400-field', nonsense=1)
    create('compute-error-403-policy', who='viewer')
    create('compute-error-403-quota', flavor='4', who='tight')
    create('compute-error-403-zero-disk', flavor='v1-small')
    create('compute-error-409-networks', who='other')
    record('compute-error-400-marker', 'GET', 'compute', f'/servers/detail?marker={NOWHERE}')
    record('compute-error-401', 'GET', 'compute', '/servers', token='stale')
    record('compute-error-404', 'GET', 'compute', f'/servers/{NOWHERE}')
    record('compute-error-404-route', 'GET', 'compute', '/no-such-thing')
    record('compute-error-404-proxy', 'GET', 'compute', '/images', version='2.36')
    record('compute-error-406-microversion', 'GET', 'compute', '/servers', version='2.999')
