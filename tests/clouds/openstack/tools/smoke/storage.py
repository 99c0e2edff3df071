"""Volumes, their snapshots, and servers that boot from them."""
from smoke.steps import TIMEOUT, until


def walk_through(walk, server):
    storage, compute = walk.demo.block_storage, walk.demo.compute

    def become(what, status):
        return storage.wait_for_status(what, status, failures=['error'], interval=0.1, wait=TIMEOUT)

    def gone(what, delete):
        delete(what)
        storage.wait_for_delete(what, interval=0.1, wait=TIMEOUT)

    def create(what, **keywords):
        volume = storage.create_volume(name=walk.name(what), **{'size': 1, **keywords})
        walk.undo.append(lambda: storage.delete_volume(volume))
        return become(volume, 'available')

    volume = walk.step('volume create', create, 'volume')
    if not volume:
        return

    def now():
        return storage.get_volume(volume.id)

    walk.step('volume of the type fast', lambda: gone(create('fast', volume_type='fast'),
                                                      storage.delete_volume))
    walk.step('volume attach',
              lambda: compute.create_volume_attachment(server, volume_id=volume.id).device)
    walk.step('volume in-use', lambda: become(now(), 'in-use').attachments[0]['device'])
    walk.step('volume attachments',
              lambda: [a.volume_id for a in compute.volume_attachments(server)])
    walk.step('volume detach', lambda: compute.delete_volume_attachment(server, volume.id))
    walk.step('volume available', lambda: become(now(), 'available').status)

    def extend():
        storage.extend_volume(volume, 2)
        return until('2 GiB', lambda: (now().size, now().status) == (2, 'available'))
    walk.step('volume extend', extend)

    def upload():
        image = storage.upload_volume_to_image(volume, walk.name('from-volume'))
        become(now(), 'available')
        until('an active image',
              lambda: walk.demo.image.get_image(image['image_id']).status == 'active')
        walk.demo.image.delete_image(image['image_id'])
    walk.step('volume to image', upload)
    snapshot = walk.step('volume snapshot', lambda: become(
        storage.create_snapshot(volume_id=volume.id, name=walk.name('snapshot')), 'available'))
    if snapshot:
        walk.step('volume from snapshot', lambda: gone(create('copy', size=2, snapshot_id=snapshot.id),
                                                       storage.delete_volume))
        walk.step('volume snapshot delete', lambda: gone(snapshot, storage.delete_snapshot))
    walk.step('volume delete', lambda: gone(volume, storage.delete_volume))
    root = walk.step('volume from image', create, 'root', image_id=walk.image.id)

    def boot():
        made = walk.create_server('bfv', networks=[{'uuid': walk.network.id}], block_device_mapping=[
            {'boot_index': 0, 'uuid': root.id, 'source_type': 'volume',
             'destination_type': 'volume', 'delete_on_termination': True}])
        walk.settled(made, 'ACTIVE')
        walk.destroy_server(made)
    if root:
        walk.step('boot from volume', boot)
