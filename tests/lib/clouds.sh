# The real clouds. Each folder of tests/clouds/ with a "test" is one; its "up", where it has one,
# starts the cloud and runs beside the other parts, because that takes minutes.

declare -A CLOUDS_UP=()

clouds_up() {
    local cloud
    mkdir -p "$LOGS"
    for cloud in tests/clouds/*/; do
        [[ -x $cloud/test && -x $cloud/up ]] || continue
        "$cloud/up" >"$LOGS/up-$(basename "$cloud").log" 2>&1 </dev/null &
        CLOUDS_UP[$cloud]=$!
    done
}

clouds_test() {
    local cloud failed=0
    for cloud in tests/clouds/*/; do
        [[ -x $cloud/test ]] || continue
        echo "--- $(basename "$cloud")"
        if [[ -n ${CLOUDS_UP[$cloud]-} ]] && ! await "${CLOUDS_UP[$cloud]}"; then
            echo "the cloud did not come up:"
            tail -50 "$LOGS/up-$(basename "$cloud").log"
            failed=1
            continue
        fi
        "$cloud/test" || failed=1
    done
    return $failed
}
