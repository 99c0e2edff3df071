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

T0=$(date +%s%N)
say() {
  local ms=$((($(date +%s%N) - T0) / 1000000))
  printf '%4d.%ds %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Everything under ROOT is removed and made again at will, so it must be ours.
claim_root() {
  case $ROOT in
    *[!A-Za-z0-9._/-]* | [!/]*) die "the directory must be an absolute path of letters, digits and . _ - only: $ROOT" ;;
  esac
  if [ ! -e "$ROOT/.cloudfarm-openstack" ] && [ -n "$(ls -A "$ROOT" 2>/dev/null)" ]; then
    die "$ROOT is not empty and not a directory of this script; choose another with CLOUDFARM_OPENSTACK_DIR"
  fi
  mkdir -p "$ETC" "$RUN" "$LOG"
  chmod 700 "$ROOT"
  : >"$ROOT/.cloudfarm-openstack"
}

# One up or down at a time in a directory.
take_lock() {
  exec 9>"$ROOT/lock"
  flock -n 9 && return
  say "waiting for another up or down"
  flock -w 900 9 || die "another up or down still holds $ROOT/lock"
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
