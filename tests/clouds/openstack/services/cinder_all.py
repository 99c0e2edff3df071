"""cinder-scheduler, -volume and -api in one process, so that messages stay in
memory (transport_url = fake://) and no broker is needed."""
import sys

from cinder.cmd import volume as command  # patches for eventlet, so it comes first

import logging as python_logging
import shlex

import os_brick
from oslo_log import log as logging
from oslo_privsep import priv_context

from cinder import coordination
from cinder import objects
from cinder import rpc
from cinder import service
from cinder import utils
from cinder import version
from cinder.common import config

import quick_rpc

CONF = command.CONF


def create(**keywords):
    """A service that reports under its own id: cinder keeps the id in the class,
    so of two in one process the first would be taken for dead after a minute."""
    made = service.Service.create(**keywords)
    own = service.Service.service_id
    report = made.report_state

    def report_state():
        last, service.Service.service_id = service.Service.service_id, own
        try:
            report()
        finally:
            service.Service.service_id = last

    made.report_state = report_state
    return made


def main():
    quick_rpc.install()
    objects.register_all()
    CONF(sys.argv[1:], project='cinder', version=version.version_string())
    config.set_middleware_defaults()
    logging.setup(CONF, 'cinder')
    python_logging.captureWarnings(True)
    priv_context.init(root_helper=shlex.split(utils.get_root_helper()))
    utils.monkey_patch()
    os_brick.setup(CONF)
    coordination.COORDINATOR.start()
    rpc.init(CONF)
    service.serve(create(binary='cinder-scheduler'))
    for backend in CONF.enabled_backends:
        CONF.register_opt(command.host_opt, group=backend)
        service._launcher.launch_service(create(
            host=f'{CONF.host}@{backend}', service_name=backend,
            binary='cinder-volume', coordination=True, cluster=None))
    service._launcher.launch_service(service.WSGIService('osapi_volume'))
    service.wait()


main()
