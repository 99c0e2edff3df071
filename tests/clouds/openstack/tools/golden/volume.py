"""cinder: versions, volumes and their snapshots, refusals."""


def capture(recorder, server):
    record = recorder.record
    record('volume-versions', 'GET', 'volumev3', '//')
    record('volume-types', 'GET', 'volumev3', '/types')
    record('volumes-none', 'GET', 'volumev3', '/volumes/detail')
    made = record('volume-create', 'POST', 'volumev3', '/volumes', {
        'volume': {'name': 'golden', 'size': 1, 'metadata': {'a': 'b'}}})
    volume = made['volume']['id']
    recorder.until_volume('volume', volume, 'available')
    second = recorder.do('POST', 'volumev3', '/volumes', {
        'volume': {'name': 'golden-2', 'size': 1}})['volume']['id']
    recorder.until_volume('volume', second, 'available')
    record('volume', 'GET', 'volumev3', f'/volumes/{volume}')
    record('volumes-page', 'GET', 'volumev3', '/volumes/detail?limit=1')
    attached(recorder, server, volume)
    snapshots(recorder, volume)
    record('volume-limits', 'GET', 'volumev3', '/limits')
    record('volume-quota-usage', 'GET', 'volumev3',
           f'/os-quota-sets/{recorder.projects["demo"]}?usage=True')
    record('volume-availability-zones', 'GET', 'volumev3', '/os-availability-zone')
    refusals(recorder)
    record('volume-delete', 'DELETE', 'volumev3', f'/volumes/{volume}')
    recorder.do('DELETE', 'volumev3', f'/volumes/{second}')
    for gone in (volume, second):
        recorder.until_gone('volumev3', f'/volumes/{gone}')


def attached(recorder, server, volume):
    record = recorder.record
    record('volume-attach', 'POST', 'compute', f'/servers/{server}/os-volume_attachments',
           {'volumeAttachment': {'volumeId': volume}})
    recorder.until_volume('volume', volume, 'in-use')
    record('volume-in-use', 'GET', 'volumev3', f'/volumes/{volume}')
    record('volume-attachments', 'GET', 'compute', f'/servers/{server}/os-volume_attachments')
    record('volume-error-400-in-use', 'DELETE', 'volumev3', f'/volumes/{volume}')
    record('volume-detach', 'DELETE', 'compute',
           f'/servers/{server}/os-volume_attachments/{volume}')
    recorder.until_volume('volume', volume, 'available')
    record('volume-extend', 'POST', 'volumev3', f'/volumes/{volume}/action',
           {'os-extend': {'new_size': 2}})
    recorder.until_volume('volume', volume, 'available')


def snapshots(recorder, volume):
    record = recorder.record
    made = record('snapshot-create', 'POST', 'volumev3', '/snapshots', {
        'snapshot': {'name': 'golden', 'volume_id': volume}})['snapshot']['id']
    recorder.until_volume('snapshot', made, 'available')
    record('snapshots', 'GET', 'volumev3', '/snapshots/detail')
    record('snapshot-delete', 'DELETE', 'volumev3', f'/snapshots/{made}')
    recorder.until_gone('volumev3', f'/snapshots/{made}')


def refusals(recorder):
    record = recorder.record
    record('volume-error-400', 'POST', 'volumev3', '/volumes', {'volume': {'size': 'large'}})
    record('volume-error-401', 'GET', 'volumev3', '/volumes', token='stale')
    record('volume-error-403', 'GET', 'volumev3', '/os-services')
    record('volume-error-404', 'GET', 'volumev3', '/volumes/11111111-2222-4333-8444-555555555555')
    record('volume-error-413-quota', 'POST', 'volumev3', '/volumes', {'volume': {'size': 3}}, who='tight')
