# Runs parts and sums up what they counted.

LOGS=target/tests
PASSED=0
FAILED=0
ROWS=()
STARTED=$SECONDS

# The tests that the runners in a log counted, as "PASSED FAILED": nextest, cargo test, unittest-like
# scripts that close with "N passed, N failed". A script that counts nothing is one test.
counts() {
    awk -v status="$2" '
        { gsub(/\033\[[0-9;]*m/, "") }
        /^ *Summary \[.*tests? run:/ {
            counted = 1
            for (at = 1; at < NF; at++) {
                if ($(at + 1) ~ /^passed/) passed += $at
                if ($(at + 1) ~ /^(failed|timed)/) failed += $at
            }
        }
        /^test result: / { counted = 1; passed += $4; failed += $6 }
        /^[0-9]+ passed, [0-9]+ failed$/ { counted = 1; passed += $1; failed += $3 }
        END {
            if (!counted && status == 0) passed = 1
            if (status != 0 && !failed) failed = 1
            print passed + 0, failed + 0
        }' "$1"
}

# run_part NAME COMMAND...
run_part() {
    local name=$1 began=$SECONDS status passed failed word
    shift
    mkdir -p "$LOGS"
    echo "=== $name"
    ("$@") 2>&1 </dev/null | tee "$LOGS/$name.log"
    status=${PIPESTATUS[0]}
    read -r passed failed < <(counts "$LOGS/$name.log" "$status")
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    word=ok
    ((status == 0)) || word=FAILED
    ROWS+=("$(printf '%-14s %-7s %6d passed %4d failed %6d s' \
        "$name" "$word" "$passed" "$failed" $((SECONDS - began)))")
}

summary() {
    echo "=== all parts, $((SECONDS - STARTED)) s"
    printf '%s\n' "${ROWS[@]}"
    echo "$PASSED passed, $FAILED failed"
    ((FAILED == 0))
}
