# shellcheck shell=bash
# Starts the services in the order that they need one another.

# SQLite: a transaction that reads and then writes fails ("database is locked")
# when another has written in between, so these three serve one request at a time.
WSGI_THREADS=1

start_wsgi() { # NAME APPLICATION PORT
  start "$1" "$BIN/python" "$HERE/services/wsgi.py" "$2" "$IP" "$3" "$WSGI_THREADS"
}

start_keystone() {
  OS_KEYSTONE_CONFIG_DIR=$ETC/keystone OS_KEYSTONE_CONFIG_FILES=keystone.conf \
    start_wsgi keystone keystone.wsgi.api:application "$PORT_KEYSTONE"
}

start_others() {
  OS_PLACEMENT_CONFIG_DIR=$ETC/placement \
    start_wsgi placement placement.wsgi.api:application "$PORT_PLACEMENT"
  OS_NEUTRON_CONFIG_DIR=$ETC/neutron OS_NEUTRON_CONFIG_FILES=neutron.conf \
    start_wsgi neutron neutron.wsgi.api:application "$PORT_NEUTRON"
  start glance "$BIN/glance-api" --config-file "$ETC/glance/glance-api.conf"
  # nova gives up at once if keystone or placement is not there yet.
  wait_port keystone "$PORT_KEYSTONE" 120
  wait_port placement "$PORT_PLACEMENT" 120
  start nova "$BIN/python" "$HERE/services/nova_all.py" --config-file "$ETC/nova/nova.conf"
  start cinder "$BIN/python" "$HERE/services/cinder_all.py" --config-file "$ETC/cinder/cinder.conf"
}

# wait_ready EPOCH [OPTION]: until every service answers and has reported itself since then.
wait_ready() {
  local since=$1
  shift
  wait_port glance "$PORT_GLANCE" 120
  wait_port neutron "$PORT_NEUTRON" 180
  wait_port nova "$PORT_NOVA" 180
  wait_port cinder "$PORT_CINDER" 180
  start health "$BIN/python" "$HERE/tools/health.py" --since "$since" --wait 120 "$@"
  finish health "${SERVICES[@]}"
}
