"""Lists servers with Apache Libcloud; see run.

usage: with_libcloud.py [--ids-of-sizes]

Libcloud tells of a node's size by its id alone. What else there is to say of sizes it is asked for
once and keeps, as cloudfarm's driver does, and as openstacksdk is told with each server; with
--ids-of-sizes it is not.
"""
import os
import sys
from pathlib import Path

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

sys.path.append(str(Path(__file__).resolve().parents[1]))
import listing

cloud = get_driver(Provider.OPENSTACK)(
    os.environ['OS_USERNAME'], os.environ['OS_PASSWORD'], api_version='2.2',
    ex_force_auth_url=os.environ['OS_AUTH_URL'].removesuffix('/v3'),
    ex_force_auth_version='3.x_password',
    ex_tenant_name=os.environ['OS_PROJECT_NAME'],
    ex_domain_name=os.environ['OS_USER_DOMAIN_NAME'],
    ex_tenant_domain_id='default',
    ex_force_service_region=os.environ['OS_REGION_NAME'])

wants_sizes = '--ids-of-sizes' not in sys.argv
sizes = {}


def count():
    nodes = cloud.list_nodes()
    if wants_sizes:
        for size in {node.extra['flavorId'] for node in nodes} - sizes.keys():
            sizes[size] = cloud.ex_get_size(size)
    return len(nodes)


listing.serve(count)
