"""Lists servers with openstacksdk; see run."""
import os
import sys
from pathlib import Path

import openstack

sys.path.append(str(Path(__file__).resolve().parents[1]))
import listing

cloud = openstack.connect(
    load_yaml_config=False, load_envvars=False,
    auth_url=os.environ['OS_AUTH_URL'],
    username=os.environ['OS_USERNAME'], password=os.environ['OS_PASSWORD'],
    project_name=os.environ['OS_PROJECT_NAME'],
    user_domain_name=os.environ['OS_USER_DOMAIN_NAME'],
    project_domain_name=os.environ['OS_PROJECT_DOMAIN_NAME'],
    region_name=os.environ['OS_REGION_NAME'])

listing.serve(lambda: len(list(cloud.compute.servers())))
