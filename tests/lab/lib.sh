# shellcheck shell=bash
# For lab tests (tests/lab/*_test.sh): sourced first, it skips without root, builds networks that always go away, and
# holds results against expectations. A test never stops at a failed check; lab_done says what failed and how many.
#
#   . "$(dirname "$0")/lib.sh"
#   lab_up pair                                   a name in topologies/, a file, or - with the description on stdin
#   lab_case "P13: a reply with a wrong id is refused"
#   lab_faults a 203.0.113.0/24 from=192.0.2.1 203.0.113.7=wrong-id+good     more responders at any time
#   lab_run a "$DIAG_BIN_DIR/diag-ping" -c1 --json 203.0.113.7      sets $status and the files $out and $err
#   check_status 0
#   check_json '.event == "rejected" and .reason == "wrong-id"'     true for some record
#   check_out '^1 packets'                        an extended regular expression; check_err, check_no_out likewise
#   check "what is claimed" test ...              any command
#   lab_capture a eth0 "$LAB_TMP/a.pcap"          the truth, by tcpdump; lab_stop "$lab_pid" before it is read
#   lab_done
set -u

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_OWNER=$BASHPID
LAB_PREFIX=dg$LAB_OWNER-  # of the namespaces' names: node a is ${LAB_PREFIX}a
export LAB_DIR LAB_OWNER LAB_PREFIX
: "${DIAG_SOURCE_DIR:=$(cd "$LAB_DIR/../.." && pwd)}"
: "${DIAG_BIN_DIR:=$DIAG_SOURCE_DIR/build/dev/bin}"
: "${DIAG_WIRE:=$DIAG_BIN_DIR/delay_wire}"
export DIAG_SOURCE_DIR DIAG_BIN_DIR DIAG_WIRE

lab_skip() { printf 'skipped: %s\n' "$*"; exit 77; }

[ "$(id -u)" -eq 0 ] || lab_skip "network namespaces need root"
for lab_need in ip nft python3; do
  command -v "$lab_need" >/dev/null || lab_skip "$lab_need is not installed"
done
[ -c /dev/net/tun ] || lab_skip "there is no /dev/net/tun"

LAB_TMP=$(mktemp -d)
out=$LAB_TMP/out
err=$LAB_TMP/err
status=0
lab_case_name=
lab_passed=0
lab_failed=0
lab_jobs=()

lab_clean() {
  lab_stop "${lab_jobs[@]}"
  lab_down
  rm -rf "$LAB_TMP"
}
trap lab_clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A topology that cannot be built is the end of the test, and a failure.
lab_up() {
  lab_down
  "$LAB_DIR/topology" up "$@" || { printf 'FAILED: cannot build %s\n' "$*"; exit 1; }
}
lab_down() { [ ! -d "/run/diag-lab/$LAB_PREFIX" ] || "$LAB_DIR/topology" down; }
lab_in() { ip netns exec "$LAB_PREFIX$1" "${@:2}"; }

# lab_faults NODE PREFIX... [ADDRESS=SCRIPT...]: a fault responder of its own device in NODE, ready when this returns.
lab_faults() {
  local node=$1
  shift
  lab_responders=$((${lab_responders:-0} + 1))
  lab_start "$node" "$LAB_DIR/fault_echo.py" "tun=faults$lab_responders" "--owner=$LAB_OWNER" --ready-fd=1 "$@"
}

# lab_start NODE CMD...: runs CMD in the background until the test ends; returns when it has written its first line, as
# tcpdump does when it listens. Its pid is in $lab_pid, what it writes in the file $lab_output.
lab_start() {
  lab_output=$LAB_TMP/job${#lab_jobs[@]}
  mkfifo "$lab_output.ready"
  ip netns exec "$LAB_PREFIX$1" "${@:2}" </dev/null > >(tee -p "$lab_output" >"$lab_output.ready") 2>&1 &
  lab_pid=$!
  lab_jobs+=("$lab_pid")
  if ! IFS= read -r _ <"$lab_output.ready"; then
    printf 'FAILED: ended before it wrote a line: %s\n' "$*"
    exit 1
  fi
}

# lab_capture NODE INTERFACE FILE [FILTER]: tcpdump until lab_stop "$lab_pid". A small snapshot length, because the ring
# of immediate mode has frames of that size: with the default a burst finds no room.
lab_capture() {
  lab_start "$1" tcpdump --immediate-mode --time-stamp-precision=nano -U -s 400 -B 16384 -ni "$2" -w "$3" "${@:4}"
}

# lab_stop PID...: ends what lab_start started, and waits for it.
lab_stop() {
  local pid
  for pid in "$@"; do
    kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  done
}

# lab_run NODE CMD...: bounded in time; 124 is a command that did not end.
lab_run() {
  timeout --kill-after=2 "${LAB_TIMEOUT:-30}" ip netns exec "$LAB_PREFIX$1" "${@:2}" >"$out" 2>"$err" </dev/null
  status=$?
}

lab_case() { lab_case_name=$*; }

lab_verdict() {
  local said=$1
  shift
  if [ "$said" -eq 0 ]; then
    lab_passed=$((lab_passed + 1))
    return 0
  fi
  lab_failed=$((lab_failed + 1))
  printf 'FAILED: %s: %s\n' "$lab_case_name" "$*"
  [ -s "$out" ] && sed 's/^/  out| /' "$out" | head -n 30
  [ -s "$err" ] && sed 's/^/  err| /' "$err" | head -n 10
  return 1
}

check() {
  local claim=$1 said=0
  shift
  "$@" || said=1
  lab_verdict "$said" "$claim"
}
check_status() { check "status $status, not $1" [ "$status" -eq "$1" ]; }
check_out() { check "no line of stdout is like: $1" grep -qE -- "$1" "$out"; }
check_err() { check "no line of stderr is like: $1" grep -qE -- "$1" "$err"; }
check_no_out() { check "a line of stdout is like: $1" [ "$(grep -cE -- "$1" "$out")" -eq 0 ]; }
check_json() { check "no record where: $1" lab_json "$1"; }
lab_json() { jq -es "map(select($1)) | length > 0" "$out" >/dev/null 2>>"$err"; }

lab_done() {
  printf '%d passed, %d failed\n' "$lab_passed" "$lab_failed"
  [ "$lab_failed" -eq 0 ] && [ "$lab_passed" -gt 0 ]
  exit
}
