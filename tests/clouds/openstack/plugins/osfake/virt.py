"""nova's fake hypervisor with what a client's end-to-end test needs and the stock
one lacks:

* a snapshot uploads some bytes, so that the image becomes active (the stock one
  leaves it 'queued' for ever);
* resize to the same host is declared supported;
* the console log has lines;
* faults by the server's metadata, read anew at each step: osfake_fail = STEP
  fails that step, osfake_delay = SECONDS makes every step but destroy take that
  long. The steps: spawn (create, rebuild, unshelve), reboot (nova leaves the
  server ACTIVE, as it does on a real hypervisor), resize, snapshot, and destroy
  (the first one only, for nova lets nobody change the metadata after it).
"""
import io
import time

from nova.compute import task_states
from nova import exception
from nova.image import glance
from nova.virt import fake

SNAPSHOT_LINES = 1024
CONSOLE_LINES = 40


class FakeDriver(fake.FakeDriverWithoutFakeNodes):
    vcpus = 256
    memory_mb = 1024 * 1024
    local_gb = 100 * 1024
    capabilities = dict(fake.FakeDriver.capabilities,
                        supports_migrate_to_same_host=True)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._destroy_failed = set()

    def _fails(self, instance, step):
        return (instance.metadata or {}).get('osfake_fail') == step

    def _delay(self, instance):
        seconds = float((instance.metadata or {}).get('osfake_delay', 0))
        if seconds > 0:
            time.sleep(seconds)

    def _hook(self, instance, step):
        self._delay(instance)
        if self._fails(instance, step):
            raise exception.NovaException('osfake: injected %s failure' % step)

    def spawn(self, context, instance, *args, **kwargs):
        self._delay(instance)
        if self._fails(instance, 'spawn'):
            # Any other exception makes nova try the next host.
            raise exception.BuildAbortException(
                instance_uuid=instance.uuid,
                reason='osfake: injected spawn failure')
        return super().spawn(context, instance, *args, **kwargs)

    def reboot(self, context, instance, *args, **kwargs):
        self._hook(instance, 'reboot')
        return super().reboot(context, instance, *args, **kwargs)

    def migrate_disk_and_power_off(self, context, instance, *args, **kwargs):
        self._hook(instance, 'resize')
        return super().migrate_disk_and_power_off(
            context, instance, *args, **kwargs)

    def destroy(self, context, instance, *args, **kwargs):
        if (self._fails(instance, 'destroy')
                and instance.uuid not in self._destroy_failed):
            self._destroy_failed.add(instance.uuid)
            raise exception.NovaException('osfake: injected destroy failure')
        return super().destroy(context, instance, *args, **kwargs)

    def snapshot(self, context, instance, image_id, update_task_state):
        self._hook(instance, 'snapshot')
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        update_task_state(task_state=task_states.IMAGE_UPLOADING,
                          expected_state=task_states.IMAGE_PENDING_UPLOAD)
        api = glance.API()
        snap = api.get(context, image_id)
        data = ('osfake snapshot of %s\n' % instance.uuid).encode()
        api.update(context, image_id, {
            'status': 'active',
            'name': snap['name'],
            'disk_format': 'raw',
            'container_format': 'bare',
            'properties': {
                'image_location': 'snapshot',
                'image_state': 'available',
                'owner_id': instance.project_id,
            }}, io.BytesIO(data * SNAPSHOT_LINES))

    def get_console_output(self, context, instance):
        lines = ['[    0.000000] Linux version 0.0.0-osfake',
                 '[    0.100000] osfake: instance %s' % instance.uuid]
        lines += ['[    1.%06d] osfake: boot line %d' % (i, i)
                  for i in range(CONSOLE_LINES)]
        lines.append('%s login: ' % (instance.hostname or instance.name))
        return '\n'.join(lines)
