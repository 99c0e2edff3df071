# The real clouds. Each folder of tests/clouds/ with a "test" is one; its "up", where it has one,
# starts the cloud and runs beside the other parts, because that takes minutes.

declare -A CLOUDS_UP=()

clouds_up() {
    local cloud
    mkdir -p "$LOGS"
    for cloud in tests/clouds/*/; do
        [[ -x $cloud/test && -x $cloud/up ]] || continue
        up_in_background "$cloud" "$LOGS/up-$(basename "$cloud")" &
        CLOUDS_UP[$cloud]=$!
    done
}

# Parts run in subshells, which cannot wait for a child of the shell above: the exit code goes
# through a file.
up_in_background() {
    rm -f "$2.status"
    "$1/up" >"$2.log" 2>&1 </dev/null
    echo $? >"$2.status"
}

cloud_is_up() {
    tail --pid="${CLOUDS_UP[$1]}" -f /dev/null
    [[ $(cat "$LOGS/up-$(basename "$1").status" 2>/dev/null) == 0 ]]
}

clouds_test() {
    local cloud failed=0
    # Where the part "table" looks for them. A report of an earlier run must not pass for one of this.
    export CLOUDFARM_CONFORMANCE_REPORTS=${CLOUDFARM_CONFORMANCE_REPORTS:-$PWD/target/tests/conformance}
    rm -f "$CLOUDFARM_CONFORMANCE_REPORTS"/{openstack,ec2,eucalyptus,rackspace,smartdatacenter}.json
    for cloud in tests/clouds/*/; do
        [[ -x $cloud/test ]] || continue
        echo "--- $(basename "$cloud")"
        if [[ -n ${CLOUDS_UP[$cloud]-} ]] && ! cloud_is_up "$cloud"; then
            echo "the cloud did not come up:"
            tail -50 "$LOGS/up-$(basename "$cloud").log"
            failed=1
            continue
        fi
        "$cloud/test" || failed=1
    done
    return $failed
}
