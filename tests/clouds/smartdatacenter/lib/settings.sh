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

# shellcheck source=../../../lib/directory.sh
. "$HERE/../../lib/directory.sh"
# shellcheck source=../../../lib/processes.sh
. "$HERE/../../lib/processes.sh"

# What the running cloud was made from.
cloud_key() {
  (cd "$HERE" && cat double/* front/* lib/* up) | sha256sum | cut -d' ' -f1
}

print_where() {
  echo "env $ENV_FILE"
}
