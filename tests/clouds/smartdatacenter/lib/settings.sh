# shellcheck shell=bash
# Where things are and what they are called; sourced by every script here.
# shellcheck disable=SC2034  # the scripts that source this use the names

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=${CLOUDFARM_SMARTDATACENTER_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm/smartdatacenter}
KEYS=$ROOT/keys
FRONT=$ROOT/front
RUN=$ROOT/run
LOG=$ROOT/log
ENV_FILE=$ROOT/env

IP=127.0.0.1
ACCOUNT=demo
PASSPHRASE=correct-horse
SERVICES=(double front)

# Access to another cloud in the caller's environment must not leak in.
unset "${!SDC_@}" "${!TRITON_@}"
export no_proxy=$IP,localhost NO_PROXY=$IP,localhost

T0=$(date +%s%N)
say() {
  local ms=$((($(date +%s%N) - T0) / 1000000))
  printf '%4d.%ds %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*" >&2
}

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

show_logs() {
  local name
  for name in "$@"; do tail -n 30 "$LOG/$name.out" 2>/dev/null | sed "s/^/$name: /" >&2; done
}

claim_root() {
  if [ ! -e "$ROOT/.cloudfarm-smartdatacenter" ] && [ -n "$(ls -A "$ROOT" 2>/dev/null)" ]; then
    die "$ROOT is not empty and not a directory of this script; choose another with CLOUDFARM_SMARTDATACENTER_DIR"
  fi
  mkdir -p "$RUN" "$LOG"
  chmod 700 "$ROOT"
  : >"$ROOT/.cloudfarm-smartdatacenter"
}

# One up or down at a time in a directory.
take_lock() {
  exec 9>"$ROOT/lock"
  flock -w 900 9 || die "another up or down still holds $ROOT/lock"
}

# What the running cloud was made from.
cloud_key() {
  (cd "$HERE" && cat double/* front/* lib/* up) | sha256sum | cut -d' ' -f1
}

print_where() {
  echo "env $ENV_FILE"
}
