# shellcheck shell=bash
# Writes every service's configuration file; needs the PORT_ variables.

database() { echo "sqlite:///$DATA/db/$1.sqlite?timeout=30"; }

account() {
  cat <<X
auth_url = http://$IP:$PORT_KEYSTONE/v3
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $PASSWORD
region_name = $REGION
X
}

authtoken() {
  cat <<X
[keystone_authtoken]
www_authenticate_uri = http://$IP:$PORT_KEYSTONE
interface = public
service_token_roles = service
service_token_roles_required = true
$(account "$1")
X
}

common() {
  cat <<X
[DEFAULT]
log_file = $LOG/$1.log
debug = ${OSFAKE_DEBUG:-false}
X
}

keystone_conf() {
  cat <<X
$(common keystone)
[database]
connection = $(database keystone)
[token]
provider = fernet
[fernet_tokens]
key_repository = $DATA/keystone/fernet
[credential]
key_repository = $DATA/keystone/credential
[identity]
password_hash_rounds = 4
X
}

placement_conf() {
  cat <<X
$(common placement)
[placement_database]
connection = $(database placement)
[api]
auth_strategy = keystone
$(authtoken placement)
X
}

glance_conf() {
  cat <<X
$(common glance)
bind_host = $IP
bind_port = $PORT_GLANCE
workers = 0
enabled_backends = file1:file
enabled_import_methods = [glance-direct,web-download,copy-image]
[glance_store]
default_backend = file1
[file1]
filesystem_store_datadir = $DATA/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $DATA/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $DATA/glance/tasks
[database]
connection = $(database glance)
[paste_deploy]
flavor = keystone
config_file = $VENV/etc/glance/glance-api-paste.ini
[oslo_concurrency]
lock_path = $DATA/glance/lock
$(authtoken glance)
X
}

neutron_conf() {
  cat <<X
$(common neutron)
bind_host = $IP
bind_port = $PORT_NEUTRON
rpc_workers = 0
# No agent listens, so nothing needs a broker.
transport_url = fake://
core_plugin = ml2
service_plugins = osfake_router
enable_traditional_dhcp = false
dhcp_agent_notification = false
state_path = $DATA/neutron
api_paste_config = $VENV/etc/neutron/api-paste.ini
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
send_events_interval = 1
[ml2]
type_drivers = flat,vxlan,local
tenant_network_types = vxlan
mechanism_drivers = osfake
extension_drivers = port_security
[ml2_type_flat]
flat_networks = *
[ml2_type_vxlan]
vni_ranges = 1:1000
[securitygroup]
enable_security_group = true
[quotas]
quota_network = 100
quota_subnet = 100
quota_router = 20
quota_port = 500
quota_floatingip = 50
quota_security_group = 100
quota_security_group_rule = 500
[database]
connection = $(database neutron)
[oslo_concurrency]
lock_path = $DATA/neutron/lock
[nova]
$(account nova)
[placement]
$(account placement)
$(authtoken neutron)
X
}

nova_conf() {
  cat <<X
$(common nova)
compute_driver = osfake.virt.FakeDriver
host = fakehost1
my_ip = $IP
transport_url = fake://
enabled_apis = osapi_compute
osapi_compute_listen = $IP
osapi_compute_listen_port = $PORT_NOVA
osapi_compute_workers = 1
allow_resize_to_same_host = true
state_path = $DATA/nova
instances_path = $DATA/nova/instances
update_resources_interval = 60
[wsgi]
api_paste_config = $VENV/etc/nova/api-paste.ini
[api]
auth_strategy = keystone
[api_database]
connection = $(database nova_api)
[database]
connection = $(database nova_cell1)
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 15
[filter_scheduler]
track_instance_changes = false
[quota]
instances = 50
cores = 200
ram = 524288
[image_cache]
manager_interval = -1
[vnc]
enabled = true
novncproxy_base_url = http://$IP:6080/vnc_lite.html
server_listen = $IP
[oslo_concurrency]
lock_path = $DATA/nova/lock
[placement]
$(account placement)
[glance]
$(account glance)
[neutron]
$(account neutron)
[cinder]
$(account cinder)
os_region_name = $REGION
catalog_info = volumev3::publicURL
[service_user]
send_service_user_token = true
$(account nova)
$(authtoken nova)
X
}

cinder_conf() {
  cat <<X
$(common cinder)
host = fakehost1
my_ip = $IP
osapi_volume_listen = $IP
osapi_volume_listen_port = $PORT_CINDER
osapi_volume_workers = 1
transport_url = fake://
auth_strategy = keystone
api_paste_config = $VENV/etc/cinder/api-paste.ini
resource_query_filters_file = $VENV/etc/cinder/resource_filters.json
state_path = $DATA/cinder
image_conversion_dir = $DATA/cinder/conversion
enabled_backends = fake
glance_api_servers = http://$IP:$PORT_GLANCE
# The first report comes after one interval, and a start waits for it.
report_interval = 2
quota_volumes = 50
quota_snapshots = 50
quota_gigabytes = 5000
[fake]
volume_driver = osfake.vol.FakeVolumeDriver
volume_backend_name = fake
[database]
connection = $(database cinder)
[oslo_concurrency]
lock_path = $DATA/cinder/lock
[coordination]
backend_url = file://$DATA/cinder/coordination
[service_user]
send_service_user_token = true
$(account cinder)
[nova]
$(account nova)
$(authtoken cinder)
X
}

write_configs() {
  mkdir -p "$ETC"/{keystone,glance,placement,nova,neutron,cinder}
  keystone_conf >"$ETC/keystone/keystone.conf"
  placement_conf >"$ETC/placement/placement.conf"
  glance_conf >"$ETC/glance/glance-api.conf"
  neutron_conf >"$ETC/neutron/neutron.conf"
  nova_conf >"$ETC/nova/nova.conf"
  cinder_conf >"$ETC/cinder/cinder.conf"
}
