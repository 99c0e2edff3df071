# shellcheck shell=bash
# Where things are; sourced by every script here.
# shellcheck disable=SC2034  # the scripts that source this use the names

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OPENSTACK=$HERE/../openstack
OPENSTACK_ROOT=${CLOUDFARM_OPENSTACK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm/openstack}
ROOT=${CLOUDFARM_RACKSPACE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm/rackspace}
RUN=$ROOT/run
LOG=$ROOT/log
ENV_FILE=$ROOT/env
CLOUDS_YAML=$ROOT/clouds.yaml
PLUGIN=$ROOT/plugin
# The stock client, which knows Rackspace's identity by Rackspace's own plugin.
CLIENT=$HERE/client
RACKSPACEAUTH=rackspaceauth==0.8.1
IP=127.0.0.1
# The same accounts as in the control plane.
export OSFAKE_PASSWORD=secret
export CLOUDFARM_RACKSPACE_DIR=$ROOT
# The cloud is on this machine, whatever proxy leads out of it.
export no_proxy=$IP,localhost NO_PROXY=$IP,localhost

# What a running front was made from.
front_key() { cat "$HERE"/front/*.py "$OPENSTACK_ROOT/ports" | sha256sum | cut -c1-16; }

# shellcheck source=../../lib/directory.sh
. "$HERE/../../lib/directory.sh"
# shellcheck source=../../lib/processes.sh
. "$HERE/../../lib/processes.sh"
