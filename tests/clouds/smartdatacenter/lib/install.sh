# shellcheck shell=bash
# What the cloud is made of, from the package registries.

DEBIAN=(
  golang-go golang-github-joyent-gosdc-dev golang-github-joyent-gocommon-dev
  golang-github-joyent-gosign-dev golang-github-julienschmidt-httprouter-dev openssh-client
)

install_debian() {
  local missing=() package sudo=()
  command -v node >/dev/null && command -v npm >/dev/null || DEBIAN+=(nodejs npm)
  for package in "${DEBIAN[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "^install ok" ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  ((EUID == 0)) || sudo=(sudo -n)
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  {
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >"$LOG/apt.out" 2>&1 || { show_logs apt && die "these packages are needed: ${missing[*]}"; }
}

# gosdc comes as source, which Go builds without modules and so without their proxy.
build_double() {
  [ "$ROOT/double" -nt "$HERE/double/main.go" ] && return
  say "building the double"
  (cd "$HERE/double" && GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS='' \
    GOCACHE=$ROOT/go-cache go build -o "$ROOT/double" .) >"$LOG/go.out" 2>&1 ||
    { show_logs go && die "the double cannot be built"; }
}

install_front() {
  mkdir -p "$FRONT"
  cp "$HERE"/front/*.mjs "$FRONT/"
  cmp -s "$HERE/front/package-lock.json" "$FRONT/installed.json" && return
  say "installing the front"
  cp "$HERE"/front/package*.json "$FRONT/"
  (cd "$FRONT" && npm ci --no-audit --no-fund --ignore-scripts) >"$LOG/npm.out" 2>&1 ||
    { show_logs npm && die "the packages of the front cannot be installed"; }
  cp "$FRONT/package-lock.json" "$FRONT/installed.json"
}

# make_key NAME KIND... : the front takes the keys that have a .pub in this folder.
make_key() {
  local name=$1
  shift
  [ -e "$KEYS/$name" ] || ssh-keygen -q -C "$name" -f "$KEYS/$name" "$@" </dev/null
}

make_keys() {
  mkdir -p "$KEYS/unknown"
  make_key deploy -t rsa -b 2048 -m PEM -N ''
  make_key openssh -t rsa -b 3072 -N ''
  make_key pkcs8 -t rsa -b 2048 -m PKCS8 -N ''
  make_key ecdsa -t ecdsa -b 256 -N ''
  make_key ecdsa-pem -t ecdsa -b 521 -m PEM -N ''
  make_key ed25519 -t ed25519 -N ''
  make_key locked -t ed25519 -N "$PASSPHRASE"
  make_key locked-rsa -t rsa -b 2048 -N "$PASSPHRASE"
  make_key locked-pem -t rsa -b 2048 -m PEM -N "$PASSPHRASE"
  make_key locked-pkcs8 -t ecdsa -b 256 -m PKCS8 -N "$PASSPHRASE"
  make_key user-bob -t rsa -b 2048 -N ''
  make_key unknown/stranger -t rsa -b 2048 -N ''
}
