# shellcheck shell=bash
# The Python packages, and the keys that tell when something made must be made again.

digest() { sha256sum | cut -c1-16; }

venv_key() {
  { echo "$ROOT"; cat "$HERE/requirements.txt"; } | digest
}

# Whatever a seeded copy depends on.
cloud_key() {
  {
    venv_key
    cat "$HERE"/lib/configs.sh "$HERE"/lib/template.sh "$HERE"/tools/{databases,endpoints,seed,world}.py \
      "$HERE"/services/*.py "$HERE"/plugins/osfake/*.py
  } | digest
}

install_venv() {
  local key python=${PYTHON:-python3.11}
  key=$(venv_key)
  if [ "$(cat "$VENV/.key" 2>/dev/null)" = "$key" ]; then return; fi
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
    die "python 3.11 is needed and '$python' is not one; set PYTHON to its path"
  say "installing the packages"
  rm -rf "$VENV"
  : >"$LOG/install.out"
  # Every version is pinned, so there is nothing to resolve.
  # shellcheck disable=SC2016  # the inner shell expands them
  start install bash -c '
    set -e
    "$1" -m venv "$2"
    "$2/bin/python" -m pip install --no-deps --no-compile --disable-pip-version-check -r "$3"
    # Some packages hold templates that are no programs; what stays as it is starts more slowly.
    if ! "$2/bin/python" -m compileall -q -j 2 "$2/lib"; then echo "not all could be compiled"; fi
  ' install "$python" "$VENV" "$HERE/requirements.txt"
  finish install
  [ -x "$BIN/keystone-manage" ] || die "the packages were installed, and keystone-manage is not among them"
  echo "$key" >"$VENV/.key"
  say "packages installed"
}
