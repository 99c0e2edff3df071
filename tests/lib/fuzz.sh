# Fuzzing by cargo-fuzz, for the crates that hold targets. The stable compiler takes its flags with
# RUSTC_BOOTSTRAP=1, and without a sanitizer no nightly toolchain is needed; what is fuzzed has no
# unsafe code for one to watch.

# fuzz ROOT SECONDS TARGET...: fuzzes each target of the crate in the working directory for so many
# seconds. Exit status 0 if none was broken.
fuzz() {
    local root=$1 seconds=$2 target passed=0 failed=0
    shift 2
    # What the workspace has built of build scripts and macros need not be built again.
    CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
    export CARGO_TARGET_DIR RUSTC_BOOTSTRAP=1
    for target; do
        echo "--- $target, $seconds s"
        if cargo fuzz run --fuzz-dir . --sanitizer none "$target" -- \
            -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 -verbosity=0; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
}
