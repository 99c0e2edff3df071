# shellcheck shell=bash
# Where things are, and the processes: sourced by every script here.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${CLOUDFARM_EUCALYPTUS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm/eucalyptus}
BIN=$ROOT/venv/bin
RUN=$ROOT/run
# shellcheck disable=SC2034  # the scripts that source this use it
ENV_FILE=$ROOT/env
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
# Credentials of another cloud in the caller's environment must not leak in.
unset "${!AWS_@}" "${!EC2_@}"

# shellcheck source=../../lib/signal.sh
. "$HERE/../../lib/signal.sh"

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

claim_root() {
  if [ ! -e "$ROOT/.cloudfarm-eucalyptus" ] && [ -n "$(ls -A "$ROOT" 2>/dev/null)" ]; then
    die "$ROOT is not empty and not a directory of this script; choose another with CLOUDFARM_EUCALYPTUS_DIR"
  fi
  mkdir -p "$RUN"
  chmod 700 "$ROOT"
  : >"$ROOT/.cloudfarm-eucalyptus"
}

take_lock() {
  exec 9>"$ROOT/lock"
  flock -w 600 9 || die "another up or down still holds $ROOT/lock"
}

# The kernel's start tick of a live process: it tells ours from a later one of the same number.
birth_of() {
  local stat fields
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] || return 1
  echo "${fields[19]}"
}

alive() {
  local pid birth
  read -r pid birth 2>/dev/null <"$RUN/$1.pid" || return 1
  [ "$(birth_of "$pid")" = "$birth" ] || return 1
  echo "$pid"
}

# start NAME COMMAND...
start() {
  local name=$1
  shift
  setsid "$@" >"$ROOT/$name.log" 2>&1 </dev/null 9>&- &
  echo "$! $(birth_of $!)" >"$RUN/$name.pid"
}

stop_all() {
  local name pid
  for name in front moto; do
    if pid=$(alive "$name"); then
      signal TERM "$pid"
      for _ in {1..50}; do
        birth_of "$pid" >/dev/null || break
        sleep 0.1
      done
      signal KILL "$pid"
    fi
    rm -f "$RUN/$name.pid"
  done
}

# wait_port NAME PORT
wait_port() {
  local deadline=$((SECONDS + 300))
  until (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do
    if ! alive "$1" >/dev/null || [ $SECONDS -ge $deadline ]; then
      tail -25 "$ROOT/$1.log" >&2
      die "$1 does not listen on port $2"
    fi
    sleep 0.1
  done
}
