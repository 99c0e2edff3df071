"""nova-conductor, -scheduler, -compute and -api in one process, so that messages
stay in memory (transport_url = fake://) and no broker is needed. The compute
manager reaches the database directly here instead of through the conductor."""
import os
import shlex
import sys

import nova.cmd  # patches for eventlet, so it comes first  # noqa: F401
import os_brick
import os_vif
from oslo_log import log as logging
from oslo_privsep import priv_context

import nova.conf
import nova.virt
from nova import config
from nova import objects
from nova import service
from nova import utils
from nova.compute import rpcapi as compute_rpcapi
from nova.conductor import rpcapi as conductor_rpcapi
from nova.scheduler import rpcapi as scheduler_rpcapi
from nova.servicegroup import api as servicegroup

import quick_rpc

CONF = nova.conf.CONF
PLUGINS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'plugins')


def main():
    # nova puts 'nova.virt.' before the name of every compute driver.
    nova.virt.__path__.append(PLUGINS)
    quick_rpc.install()
    servicegroup.INITIAL_REPORTING_DELAY = 1
    sys.argv[0] = 'nova-all'
    config.parse_args(sys.argv)
    logging.setup(CONF, 'nova')
    priv_context.init(root_helper=shlex.split(utils.get_root_helper()))
    objects.register_all()
    os_brick.setup(CONF)
    os_vif.initialize()
    service.serve(service.Service.create(
        binary='nova-conductor', topic=conductor_rpcapi.RPC_TOPIC))
    for binary, topic in (('nova-scheduler', scheduler_rpcapi.RPC_TOPIC),
                          ('nova-compute', compute_rpcapi.RPC_TOPIC)):
        service._launcher.launch_service(service.Service.create(binary=binary, topic=topic))
    service._launcher.launch_service(service.WSGIService('osapi_compute'))
    service.wait()


main()
