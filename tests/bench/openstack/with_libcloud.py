"""Lists servers with Apache Libcloud; see run."""
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

listing.serve(lambda: len(cloud.list_nodes()))
