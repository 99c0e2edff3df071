# The parts of the tests.

BINARY=${CARGO_TARGET_DIR:-target}/debug/cloudfarm

# cargo-nextest where it is there, else cargo's own runner; arguments are those of both.
cargo_test() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --no-fail-fast --status-level fail --final-status-level fail "$@"
    else
        cargo test --no-fail-fast "$@"
    fi
}

part_format() { cargo fmt --all --check; }

# Tests that need a cloud are no targets of "all", which also hides those that are named beside it.
part_clippy() {
    cargo clippy --workspace --all-targets --quiet -- -D warnings &&
        cargo clippy --workspace --test live --test conformance --quiet -- -D warnings
}

part_unit() { cargo_test --workspace --lib --bins; }

part_rust() { cargo_test --workspace; }

part_conformance() { cargo_test --workspace --test conformance; }

part_server() { cargo_test -p cloudfarm --test server; }

part_doc() { cargo test --workspace --doc; }

part_openapi() { build_program && "$BINARY" openapi | diff -u docs/openapi.json -; }

part_docs() { build_program && tests/docs/run --binary "$BINARY"; }

part_schemathesis() { build_program && tests/schemathesis/run "$BINARY" "$VENV/bin/schemathesis"; }

part_deny() { cargo deny check bans licenses sources; }

part_advisories() { cargo deny check advisories; }

# With what the tests have built, so it says that the benchmark works and nothing of speed.
part_bench() { tests/bench/http --debug --seconds 1 --rounds 1; }

part_bench-jobs() {
    tests/bench/jobs/run --jobs 1000 --slow-jobs 200 --rounds 1 --samples 30 --backlog 20000
}

part_harness() { build_program && tests/harness/run --binary "$BINARY"; }

# The units name a program that is not installed here; /bin/true takes its place.
part_units() {
    local folder status
    folder=$(mktemp -d)
    cp docs/deployment/*.service "$folder"
    cp "$folder/cloudfarm-worker@.service" "$folder/cloudfarm-worker@1.service"
    sed -i 's#/usr/local/bin/cloudfarm#/bin/true#' "$folder"/*.service
    systemd-analyze verify --man=no "$folder"/cloudfarm-{dispatcher,worker@1}.service
    status=$?
    rm -r "$folder"
    return $status
}

# To optimise more would take longer than these runs do.
part_fuzz() { CARGO_PROFILE_RELEASE_OPT_LEVEL=1 drivers/openstack/fuzz/run 20 catalog server fault; }

part_clouds() { build_program && CLOUDFARM_BINARY=$PWD/$BINARY clouds_test; }

part_table() { tests/conformance-table --check; }
