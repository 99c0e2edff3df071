# shellcheck shell=bash
# Where things are and what they are called; sourced by every script here.
# shellcheck disable=SC2034  # the scripts that source this use the names

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=${CLOUDFARM_OPENSTACK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm/openstack}
VENV=$ROOT/venv
BIN=$VENV/bin
ETC=$ROOT/etc
DATA=$ROOT/data
RUN=$ROOT/run
LOG=$ROOT/log
TEMPLATE=$ROOT/template
CLOUDS_YAML=$ROOT/clouds.yaml
ENV_FILE=$ROOT/env

IP=127.0.0.1
PASSWORD=secret
REGION=RegionOne
SERVICES=(keystone placement glance neutron nova cinder)

export CLOUDFARM_OPENSTACK_DIR=$ROOT
export OSFAKE_PASSWORD=$PASSWORD OSFAKE_REGION=$REGION OSFAKE_IP=$IP
export PYTHONPATH=$HERE/plugins PYTHONWARNINGS=ignore
export EVENTLET_NO_GREENDNS=yes no_proxy=$IP,localhost NO_PROXY=$IP,localhost
# Credentials of another cloud in the caller's environment must not leak in.
unset "${!OS_@}"

# shellcheck source=../../../lib/directory.sh
. "$HERE/../../lib/directory.sh"

# ROOT goes into configurations and addresses as it is.
claim() {
  case $ROOT in
    *[!A-Za-z0-9._/-]* | [!/]*) die "the directory must be an absolute path of letters, digits and . _ - only: $ROOT" ;;
  esac
  claim_root openstack "$ETC" "$RUN" "$LOG"
}

# PORT_<SERVICE> for each service, as the last up chose them.
load_ports() {
  [ -f "$ROOT/ports" ] || return 1
  set -a
  # shellcheck source=/dev/null
  . "$ROOT/ports"
  set +a
}

print_where() {
  printf 'clouds.yaml %s\nenv %s\n' "$CLOUDS_YAML" "$ENV_FILE"
}
