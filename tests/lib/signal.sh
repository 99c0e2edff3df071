# shellcheck shell=bash
# signal SIGNAL PID: sends it to the whole process group of PID. A group that has ended meanwhile
# needs none; one that is there and cannot be reached is a failure.
signal() {
    kill "-$1" -- "-$2" 2>/dev/null || ! kill -0 -- "-$2" 2>/dev/null
}
