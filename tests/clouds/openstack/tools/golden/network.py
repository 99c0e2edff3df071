"""neutron: versions, networks and what hangs on them, refusals."""


def capture(recorder):
    record = recorder.record
    record('network-versions', 'GET', 'network', '//')
    record('networks', 'GET', 'network', '/v2.0/networks')
    record('networks-page', 'GET', 'network', '/v2.0/networks?limit=1')
    record('networks-external', 'GET', 'network', '/v2.0/networks?router:external=True')
    record('subnets', 'GET', 'network', '/v2.0/subnets')
    record('routers', 'GET', 'network', '/v2.0/routers')
    record('network-quotas', 'GET', 'network', f'/v2.0/quotas/{recorder.projects["demo"]}')
    record('network-quotas-details', 'GET', 'network',
           f'/v2.0/quotas/{recorder.projects["demo"]}/details.json')
    security_groups(recorder)
    refusals(recorder)


def security_groups(recorder):
    record = recorder.record
    record('security-groups', 'GET', 'network', '/v2.0/security-groups')
    group = record('security-group-create', 'POST', 'network', '/v2.0/security-groups', {
        'security_group': {'name': 'golden', 'description': 'for the golden files'}})
    identifier = group['security_group']['id']
    rule = {'security_group_rule': {
        'security_group_id': identifier, 'direction': 'ingress', 'ethertype': 'IPv4',
        'protocol': 'tcp', 'port_range_min': 22, 'port_range_max': 22,
        'remote_ip_prefix': '0.0.0.0/0'}}
    record('security-group-rule-create', 'POST', 'network', '/v2.0/security-group-rules', rule)
    record('network-error-409-rule-exists', 'POST', 'network', '/v2.0/security-group-rules', rule)
    record('security-group-delete', 'DELETE', 'network', f'/v2.0/security-groups/{identifier}')


def refusals(recorder):
    record = recorder.record
    record('network-error-400', 'POST', 'network', '/v2.0/networks', {'network': {'nonsense': 1}})
    record('network-error-401', 'GET', 'network', '/v2.0/networks', token='stale')
    record('network-error-403', 'POST', 'network', '/v2.0/networks',
           {'network': {'name': 'golden', 'shared': True}})
    record('network-error-404', 'GET', 'network', '/v2.0/networks/11111111-2222-4333-8444-555555555555')
    private = recorder.get('network', '/v2.0/networks?name=private')['networks'][0]
    record('network-error-409-in-use', 'DELETE', 'network', f'/v2.0/networks/{private["id"]}')
    first = recorder.do('POST', 'network', '/v2.0/networks', {'network': {'name': 'golden'}}, who='tight')
    record('network-error-409-quota', 'POST', 'network', '/v2.0/networks',
           {'network': {'name': 'golden-2'}}, who='tight')
    recorder.do('DELETE', 'network', f'/v2.0/networks/{first["network"]["id"]}', who='tight')


def of_server(recorder, server):
    """A server's ports and its floating address."""
    record = recorder.record
    record('ports', 'GET', 'network', f'/v2.0/ports?device_id={server}')
    port = recorder.get('network', f'/v2.0/ports?device_id={server}')['ports'][0]
    four = next(ip['ip_address'] for ip in port['fixed_ips'] if '.' in ip['ip_address'])
    public = recorder.get('network', '/v2.0/networks?name=public')['networks'][0]['id']
    address = record('floating-ip-create', 'POST', 'network', '/v2.0/floatingips', {
        'floatingip': {'floating_network_id': public}})['floatingip']['id']
    record('floating-ip-associate', 'PUT', 'network', f'/v2.0/floatingips/{address}', {
        'floatingip': {'port_id': port['id'], 'fixed_ip_address': four}})
    record('floating-ips', 'GET', 'network', '/v2.0/floatingips')
    recorder.until('a floating address of the server', lambda: any(
        a['OS-EXT-IPS:type'] == 'floating' for a in recorder.get(
            'compute', f'/servers/{server}')['server']['addresses'].get('private', [])))
    record('server-floating-ip', 'GET', 'compute', f'/servers/{server}')
    record('floating-ip-disassociate', 'PUT', 'network', f'/v2.0/floatingips/{address}',
           {'floatingip': {'port_id': None}})
    record('floating-ip-delete', 'DELETE', 'network', f'/v2.0/floatingips/{address}')
