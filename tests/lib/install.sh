# Installs what parts need and the machine does not have.

CARGO_DENY=0.20.2
CARGO_FUZZ=0.13.2
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cloudfarm-tests
VENV=$CACHE/venv

install_for() {
    local packages=(gcc libc6-dev)
    local part
    for part in "$@"; do
        case $part in
            rust | unit | server) has_postgresql || packages+=(postgresql) ;;
            docs) packages+=(python3 curl jq) ;;
            schemathesis) packages+=(python3 python3-venv curl) ;;
            fuzz) packages+=(python3 g++) ;;
            bench) packages+=(python3 wrk) ;;
            bench-jobs) packages+=(python3 python3-venv npm postgresql) ;;
            harness) packages+=(python3 postgresql) ;;
            units) packages+=(systemd) ;;
        esac
    done
    rust_components && debian_packages "${packages[@]}" || return 1
    for part in "$@"; do
        case $part in
            schemathesis) python_packages || return 1 ;;
            deny | advisories) cargo_deny || return 1 ;;
            fuzz) cargo_fuzz || return 1 ;;
            bench-jobs) job_engines || return 1 ;;
        esac
    done
}

# Debian keeps the programs of the server out of the path.
has_postgresql() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

rust_components() {
    cargo --version || return 1
    cargo fmt --version && cargo clippy --version && return 0
    rustup component add rustfmt clippy
}

debian_packages() {
    local missing=() package sudo=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "^install ok" \
            || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || sudo=(sudo -n)
    export DEBIAN_FRONTEND=noninteractive
    "${sudo[@]}" apt-get update -qq \
        && "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" && return 0
    echo "these packages are needed: ${missing[*]}" >&2
    return 1
}

# A virtual environment that is made anew when the list of packages changes.
python_packages() {
    local wanted=$VENV/requirements.txt
    cmp -s tests/requirements.txt "$wanted" && return 0
    rm -rf "$VENV"
    python3 -m venv "$VENV" \
        && "$VENV/bin/pip" install --quiet --disable-pip-version-check -r tests/requirements.txt \
        && cp tests/requirements.txt "$wanted"
}

# The job engines that the benchmark compares with, in the versions that it names. The programs that
# drive them stand beside them, where Node and Python look for what they import.
job_engines() {
    local from=tests/bench/jobs/peers to=$CACHE/job-engines
    mkdir -p "$to" && cp "$from"/*.mjs "$from"/*.py "$from"/.npmrc "$to/" || return 1
    if ! cmp -s "$from/package.json" "$to/package.json"; then
        cp "$from/package.json" "$to/package.json.new" && rm -rf "$to/node_modules" \
            && (cd "$to" && mv package.json.new package.json \
                && npm install --silent --no-audit --no-fund) \
            || { rm -f "$to/package.json"; return 1; }
    fi
    if ! cmp -s "$from/requirements.txt" "$to/venv/requirements.txt"; then
        rm -rf "$to/venv"
        python3 -m venv "$to/venv" \
            && "$to/venv/bin/pip" install --quiet --disable-pip-version-check -r "$from/requirements.txt" \
            && cp "$from/requirements.txt" "$to/venv/requirements.txt"
    fi
}

# Built without optimisation: that takes a third of the time, and it runs for seconds.
cargo_deny() {
    [[ $(cargo deny --version 2>/dev/null) == "cargo-deny $CARGO_DENY" ]] && return 0
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$CACHE/cargo-deny \
        cargo install --quiet --debug --locked --no-default-features "cargo-deny@$CARGO_DENY" \
        && rm -rf "$CACHE/cargo-deny"
}

cargo_fuzz() {
    [[ $(cargo fuzz --version 2>/dev/null) == "cargo-fuzz $CARGO_FUZZ" ]] && return 0
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$CACHE/cargo-fuzz \
        cargo install --quiet --debug --locked "cargo-fuzz@$CARGO_FUZZ" \
        && rm -rf "$CACHE/cargo-fuzz"
}
