# shellcheck shell=bash
# Processes that are started in sessions of their own and stopped by what was recorded of them in
# $RUN/NAME.pid: "PID BIRTH". What they print is in $LOG/NAME.out.

# The kernel's start tick of a live process: it tells ours from a later process with the same number.
# A zombie counts as dead, for nobody may be there to reap it.
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

# From here on, however the script ends, half a cloud is not left behind.
stop_all_on_failure() {
    trap leave EXIT
    trap interrupted INT TERM HUP
}

leave() {
    local status=$?
    trap '' INT TERM HUP
    if [ $status != 0 ]; then
        say "stopping what was started"
        stop_all
    fi
}

# finish NAME [OTHER...]: waits for a started command that is meant to end; if it fails, shows its
# logs and those of the others.
finish() {
    local pid status=0
    read -r pid _ <"$RUN/$1.pid"
    wait "$pid" || status=$?
    rm -f "$RUN/$1.pid"
    [ $status = 0 ] && return
    show_logs "$@"
    die "$1 failed"
}

# signal SIGNAL PID: sends it to the whole process group of PID. A group that has ended meanwhile
# needs none; one that is there and cannot be reached is a failure.
signal() {
    kill "-$1" -- "-$2" 2>/dev/null || ! kill -0 -- "-$2" 2>/dev/null
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

# wait_for NAME SECONDS FAILURE CONDITION...: until the command CONDITION succeeds, as long as the
# process lives; FAILURE says what it does not do.
wait_for() {
    local name=$1 seconds=$2 failure=$3 deadline=$((SECONDS + $2))
    shift 3
    until "$@"; do
        if ! alive "$name" >/dev/null; then
            show_logs "$name"
            die "$name ended while it was starting"
        fi
        if [ $SECONDS -ge $deadline ]; then
            show_logs "$name"
            die "$name $failure after $seconds s"
        fi
        sleep 0.1
    done
}

# wait_port NAME PORT SECONDS
wait_port() {
    wait_for "$1" "$3" "does not listen on port $2" listens "$2"
}

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
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
