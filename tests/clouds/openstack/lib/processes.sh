# shellcheck shell=bash
# Processes that are started in sessions of their own and stopped by what was
# recorded of them in run/NAME.pid: "PID BIRTH".

# shellcheck source=../../../lib/signal.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../../../lib/signal.sh"

# The kernel's start tick of a live process: it tells ours from a later process
# with the same number. A zombie counts as dead, for nobody may be there to reap it.
birth_of() {
  local stat fields
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] || return 1
  echo "${fields[19]}"
}

# Prints the pid of a recorded process that is still alive.
alive() {
  local pid birth
  read -r pid birth 2>/dev/null <"$RUN/$1.pid" || return 1
  [ "$(birth_of "$pid")" = "$birth" ] || return 1
  echo "$pid"
}

# start NAME COMMAND...: an interrupt waits until the record is written.
start() {
  local name=$1 held=
  shift
  trap 'held=1' INT TERM HUP
  setsid "$@" >>"$LOG/$name.out" 2>&1 </dev/null 9>&- &
  echo "$! $(birth_of $!)" >"$RUN/$name.pid"
  trap interrupted INT TERM HUP
  [ -z "$held" ] || interrupted
}

interrupted() {
  say "interrupted"
  exit 130
}

# finish NAME [OTHER...]: waits for a started command that is meant to end; if it
# fails, shows its logs and those of the others.
finish() {
  local pid status=0
  read -r pid _ <"$RUN/$1.pid"
  wait "$pid" || status=$?
  rm -f "$RUN/$1.pid"
  [ $status = 0 ] && return
  show_logs "$@"
  die "$1 failed"
}

# Ends all that is recorded: TERM to each session, KILL to those that linger.
stop_all() {
  local file name pid pids=() deadline
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .pid)
    if pid=$(alive "$name"); then
      signal TERM "$pid"
      pids+=("$pid")
    fi
  done
  deadline=$((SECONDS + ${STOP_SECONDS:-8}))
  for pid in "${pids[@]}"; do
    while birth_of "$pid" >/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    signal KILL "$pid"
  done
  rm -f "$RUN"/*.pid "$RUN/key"
}

# wait_port NAME PORT SECONDS
wait_port() {
  local deadline=$((SECONDS + $3))
  while [ $SECONDS -lt $deadline ]; do
    if (exec 3<>"/dev/tcp/$IP/$2") 2>/dev/null; then return; fi
    if ! alive "$1" >/dev/null; then
      show_logs "$1"
      die "$1 ended while it was starting"
    fi
    sleep 0.1
  done
  show_logs "$1"
  die "$1 does not listen on port $2 after $3 s"
}

# The end of what each NAME printed and logged.
show_logs() {
  local name file
  for name in "$@"; do
    for file in "$LOG/$name.out" "$LOG/$name.log"; do
      [ -s "$file" ] || continue
      printf -- '--- %s\n' "$file" >&2
      tail -n 25 "$file" >&2
    done
  done
}
