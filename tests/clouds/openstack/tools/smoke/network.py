"""A server's ports, and an address that comes and goes."""
from smoke.steps import until


def walk_through(walk, server):
    network = walk.demo.network
    public = network.find_network('public', ignore_missing=False)
    port = next(network.ports(device_id=server.id))
    four = next(ip['ip_address'] for ip in port.fixed_ips if '.' in ip['ip_address'])
    walk.step('port', lambda: (port.status, port.device_owner,
                               [ip['ip_address'] for ip in port.fixed_ips]))
    address = walk.step('floating ip create',
                        lambda: network.create_ip(floating_network_id=public.id))
    if not address:
        return
    walk.undo.append(lambda: network.delete_ip(address))
    walk.step('floating ip associate', lambda: network.update_ip(
        address, port_id=port.id, fixed_ip_address=four).status)
    walk.step('floating ip of the server', lambda: until('a floating address', lambda: [
        a['addr'] for a in walk.demo.compute.get_server(server.id).addresses['private']
        if a['OS-EXT-IPS:type'] == 'floating']))
    walk.step('floating ip disassociate',
              lambda: network.update_ip(address, port_id=None).status)
    walk.step('floating ip delete', lambda: network.delete_ip(address))
    walk.step('interface attach', lambda: walk.demo.compute.create_server_interface(
        server, net_id=walk.network.id).port_id)
    walk.step('interfaces', lambda: len(list(walk.demo.compute.server_interfaces(server))))
