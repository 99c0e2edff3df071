# shellcheck shell=bash
# The directory $ROOT that the scripts of a cloud work in, and what they say meanwhile.

T0=$(date +%s%N)
say() {
    local ms=$((($(date +%s%N) - T0) / 1000000))
    printf '%4d.%ds %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*" >&2
}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# claim_root CLOUD FOLDER...: everything under ROOT is removed and made again at will, so it must be
# ours. Makes the folders in it.
claim_root() {
    local mark=$ROOT/.cloudfarm-$1 variable=CLOUDFARM_${1^^}_DIR
    shift
    if [ ! -e "$mark" ] && [ -n "$(ls -A "$ROOT" 2>/dev/null)" ]; then
        die "$ROOT is not empty and not a directory of this script; choose another with $variable"
    fi
    mkdir -p "$@"
    chmod 700 "$ROOT"
    : >"$mark"
}

# One up or down at a time in a directory.
take_lock() {
    exec 9>"$ROOT/lock"
    flock -n 9 && return
    say "waiting for another up or down"
    flock -w 900 9 || die "another up or down still holds $ROOT/lock"
}
