# shellcheck shell=bash
# The template: a pristine, seeded copy of data/, made once.

sync_identity_network() {
  local owner
  owner=(--keystone-user "$(id -un)" --keystone-group "$(id -gn)")
  keystone() { "$BIN/keystone-manage" --config-file "$ETC/keystone/keystone.conf" "$@"; }
  local url=http://$IP:$PORT_KEYSTONE/v3
  keystone db_sync
  keystone fernet_setup "${owner[@]}"
  keystone credential_setup "${owner[@]}"
  keystone bootstrap --bootstrap-username admin --bootstrap-password "$PASSWORD" \
    --bootstrap-project-name admin --bootstrap-role-name admin \
    --bootstrap-service-name keystone --bootstrap-region-id "$REGION" \
    --bootstrap-admin-url "$url" --bootstrap-public-url "$url" --bootstrap-internal-url "$url"
  "$BIN/glance-manage" --config-file "$ETC/glance/glance-api.conf" db_sync
  OS_PLACEMENT_CONFIG_DIR=$ETC/placement "$BIN/placement-manage" \
    --config-file "$ETC/placement/placement.conf" db sync
  # neutron's migrations are for MySQL and PostgreSQL only.
  "$BIN/python" "$HERE/tools/databases.py" neutron-tables "$DATA/db"
  "$BIN/neutron-db-manage" --config-file "$ETC/neutron/neutron.conf" stamp heads
}

sync_compute_volume() {
  nova() { "$BIN/nova-manage" --config-file "$ETC/nova/nova.conf" "$@"; }
  nova api_db sync
  nova cell_v2 map_cell0 --database_connection "$(database nova_cell0)"
  nova cell_v2 create_cell --name cell1
  nova db sync
  "$BIN/cinder-manage" --config-file "$ETC/cinder/cinder.conf" db sync
}

# start_step NAME FUNCTION: a function of these files in a session of its own.
start_step() {
  # shellcheck disable=SC2016  # the inner shell expands them
  start "$1" bash -c 'set -eu; . "$1/lib/settings.sh"; . "$1/lib/configs.sh"; . "$1/lib/template.sh"; load_ports; "$2"' \
    "$1" "$HERE" "$2"
}

seed() {
  start "seed-$1" "$BIN/python" "$HERE/tools/seed.py" "$1"
  finish "seed-$1"
}

build_template() {
  local since
  say "making the template"
  rm -rf "$DATA" "$TEMPLATE" "$TEMPLATE.new" "$LOG"/sync-*.out "$LOG"/seed-*.out
  mkdir -p "$DATA"/{db,keystone/{fernet,credential},glance/{images,staging,tasks,lock}} \
    "$DATA"/{nova/{instances,lock},neutron/lock,cinder/{lock,conversion,coordination}}
  chmod 700 "$DATA"/keystone/{fernet,credential}
  start_step sync-identity-network sync_identity_network
  start_step sync-compute-volume sync_compute_volume
  finish sync-identity-network
  finish sync-compute-volume
  "$BIN/python" "$HERE/tools/databases.py" wal "$DATA/db"
  say "schemas made"
  since=$(date +%s)
  start_keystone
  wait_port keystone "$PORT_KEYSTONE" 120
  seed identity
  start_others
  wait_ready "$since" --before-discovery
  say "services up"
  start discover "$BIN/nova-manage" --config-file "$ETC/nova/nova.conf" cell_v2 discover_hosts
  finish discover
  seed resources
  say "seeded"
  stop_all
  "$BIN/python" "$HERE/tools/databases.py" checkpoint "$DATA/db"
  cp -a "$DATA" "$TEMPLATE.new"
  cloud_key >"$TEMPLATE.new/.key"
  mv "$TEMPLATE.new" "$TEMPLATE"
  say "template made"
}
