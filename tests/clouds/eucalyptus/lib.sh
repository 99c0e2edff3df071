# shellcheck shell=bash
# Where things are; sourced by every script here.
# shellcheck disable=SC2034  # the scripts that source this use the names

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=${CLOUDFARM_EUCALYPTUS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm/eucalyptus}
BIN=$ROOT/venv/bin
RUN=$ROOT/run
LOG=$ROOT/log
ENV_FILE=$ROOT/env
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
# Credentials of another cloud in the caller's environment must not leak in.
unset "${!AWS_@}" "${!EC2_@}"

# shellcheck source=../../lib/directory.sh
. "$HERE/../../lib/directory.sh"
# shellcheck source=../../lib/processes.sh
. "$HERE/../../lib/processes.sh"
