"""Seeds the control plane: `seed.py identity` (needs keystone alone), then
`seed.py resources` (needs all of it)."""
import json
import os
import sys

import openstack

import endpoints
import world

PASSWORD = os.environ.get('OSFAKE_PASSWORD', 'secret')
REGION = os.environ.get('OSFAKE_REGION', 'RegionOne')
DATA = os.path.join(os.environ['CLOUDFARM_OPENSTACK_DIR'], 'data')


def connect(user, project, domain=world.DEFAULT):
    return openstack.connect(
        auth_url=endpoints.url('identity'), username=user, password=PASSWORD,
        project_name=project, user_domain_name=domain, project_domain_name=domain,
        region_name=REGION, load_yaml_config=False, load_envvars=False)


def service_accounts(cloud, domain, roles):
    project = cloud.identity.create_project(name='service', domain_id=domain.id)
    made = set()
    for kind, name, _, _ in endpoints.CATALOG:
        if kind == 'identity':
            continue
        if name not in made:
            user = cloud.identity.create_user(
                name=name, password=PASSWORD, domain_id=domain.id, default_project_id=project.id)
            for role in ('admin', 'service'):
                cloud.identity.assign_project_role_to_user(project, user, roles[role])
            made.add(name)
        service = cloud.identity.create_service(name=name, type=kind)
        for interface in ('public', 'internal', 'admin'):
            cloud.identity.create_endpoint(service_id=service.id, interface=interface,
                                           url=endpoints.url(kind), region_id=REGION)


def people(cloud, domains, roles):
    projects = {}
    for account in world.ACCOUNTS.values():
        domain = domains[account.domain]
        if account.project not in projects:
            projects[account.project] = cloud.identity.create_project(
                name=account.project, domain_id=domain.id,
                description=f'the project of {account.user}')
        project = projects[account.project]
        user = cloud.identity.create_user(name=account.user, password=PASSWORD,
                                          domain_id=domain.id, default_project_id=project.id)
        cloud.identity.assign_project_role_to_user(project, user, roles[account.role])
    admin = cloud.identity.find_user('admin')
    cloud.identity.assign_project_role_to_user(projects['demo'], admin, roles['admin'])
    cloud.identity.assign_domain_role_to_user(domains[world.DEFAULT], admin, roles['admin'])


def application_credential():
    cloud = connect('demo', 'demo')
    credential = cloud.identity.create_application_credential(
        user=cloud.current_user_id, name=world.APPLICATION_CREDENTIAL,
        secret=world.APPLICATION_CREDENTIAL_SECRET)
    with open(os.path.join(DATA, 'seed.json'), 'w', encoding='utf-8') as file:
        json.dump({'application_credential_id': credential.id}, file)


def identity():
    cloud = connect('admin', 'admin')
    roles = {role.name: role for role in cloud.identity.roles()}
    if 'service' not in roles:
        roles['service'] = cloud.identity.create_role(name='service')
    domains = {
        world.DEFAULT: cloud.identity.get_domain('default'),
        world.ELSEWHERE: cloud.identity.create_domain(name=world.ELSEWHERE),
    }
    service_accounts(cloud, domains[world.DEFAULT], roles)
    people(cloud, domains, roles)
    application_credential()


def flavors(cloud, demo_project):
    for flavor in world.FLAVORS:
        cloud.compute.create_flavor(id=flavor.id, name=flavor.name, ram=flavor.ram,
                                    vcpus=flavor.vcpus, disk=flavor.disk, **flavor.more)
    for name, specs in world.EXTRA_SPECS.items():
        cloud.compute.create_flavor_extra_specs(cloud.compute.find_flavor(name), specs)
    private = world.PRIVATE_FLAVOR
    made = cloud.compute.create_flavor(
        id=private.id, name=private.name, ram=private.ram, vcpus=private.vcpus,
        disk=private.disk, is_public=False)
    cloud.compute.flavor_add_tenant_access(made.id, demo_project)


def image(cloud, spec):
    keywords = {'visibility': 'public', **spec.more}
    return cloud.image.create_image(
        name=spec.name, data=b'\0' * 65536, disk_format='raw', container_format='bare',
        allow_duplicates=True, validate_checksum=False, wait=True,
        os_distro=spec.distro, os_version=spec.version, **keywords)


def public_network(cloud):
    network = cloud.network.create_network(
        name='public', is_router_external=True, is_shared=False,
        provider_network_type='flat', provider_physical_network='public')
    cloud.network.create_subnet(name='public-v4', network_id=network.id, ip_version=4,
                                cidr='203.0.113.0/24', enable_dhcp=False)
    return network


def tenant_network(cloud, name, third):
    network = cloud.network.create_network(name=name)
    four = cloud.network.create_subnet(
        name=f'{name}-v4', network_id=network.id, ip_version=4,
        cidr=f'10.0.{third}.0/24', dns_nameservers=['9.9.9.9'])
    six = cloud.network.create_subnet(
        name=f'{name}-v6', network_id=network.id, ip_version=6,
        cidr=f'fd00:dead:beef:{third}::/64', ipv6_ra_mode='slaac', ipv6_address_mode='slaac')
    return four, six


def networks(admin, demo, other):
    public = public_network(admin)
    subnets = tenant_network(demo, 'private', 0)
    router = demo.network.create_router(
        name='router', external_gateway_info={'network_id': public.id})
    for subnet in subnets:
        demo.network.add_interface_to_router(router, subnet_id=subnet.id)
    # With two networks nova does not choose one by itself.
    tenant_network(other, 'left', 1)
    tenant_network(other, 'right', 2)


def quotas(cloud, project):
    cloud.compute.update_quota_set(project, **world.TIGHT_COMPUTE)
    cloud.block_storage.update_quota_set(project, **world.TIGHT_VOLUME)
    cloud.network.update_quota(project.id, **world.TIGHT_NETWORK)


def resources():
    admin, demo = connect('admin', 'admin'), connect('demo', 'demo')
    other = connect('other', 'other', world.ELSEWHERE)
    flavors(admin, demo.current_project_id)
    for spec in world.IMAGES + (world.TWIN_IMAGE, world.TWIN_IMAGE):
        image(admin, spec)
    image(demo, world.DEMO_IMAGE)
    admin.block_storage.create_type(name='fast', description='the same fake, by another name',
                                    extra_specs={'volume_backend_name': 'fake'})
    networks(admin, demo, other)
    quotas(admin, admin.identity.find_project('tight'))


if __name__ == '__main__':
    {'identity': identity, 'resources': resources}[sys.argv[1]]()
