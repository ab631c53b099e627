# Assertions for shell tests: exact exit status, exact output with the numbers masked.
#
# Usage: source this file, `run COMMAND...`, then look at $status, $out and $err with the functions below. Every
# failed assertion is printed; finish_tests ends the script with 1 if there was one.

set -u
bin=${DIAG_BIN_DIR:?the folder with the tools}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# Runs a command with its own stdin, at most 20 s.
run() {
  command_line="$*"
  timeout 20 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
  status=$?
  out=$(cat "$scratch/out")
  err=$(cat "$scratch/err")
}

complain() {
  failures=$((failures + 1))
  printf 'FAILED: %s\n  %s\n  status %s\n  stdout: %s\n  stderr: %s\n' "$command_line" "$1" "$status" "$out" "$err"
}

expect_status() { [ "$status" -eq "$1" ] || complain "expected status $1"; }
expect_out() { [ "$out" = "$1" ] || complain "expected stdout: $1"; }
expect_err() { [ "$err" = "$1" ] || complain "expected stderr: $1"; }
expect_out_has() { case $out in *"$1"*) ;; *) complain "expected in stdout: $1" ;; esac; }
expect_out_lacks() { case $out in *"$1"*) complain "not expected in stdout: $1" ;; esac; }
expect_err_has() { case $err in *"$1"*) ;; *) complain "expected in stderr: $1" ;; esac; }

# Diagnostics are one line for each failure, and no more.
expect_err_lines() {
  local lines
  lines=$(printf '%s' "$err" | grep -c '' || true)
  [ "$lines" -eq "$1" ] || complain "expected $1 lines on stderr, not $lines"
}

# Stdout with every time as N.
masked() {
  printf '%s\n' "$out" | sed -E 's/time=[0-9.]+/time=N/; s/time [0-9]+ms/time Nms/; s#= ([0-9.]+/)+[0-9.]+ ms#= N ms#; s/[0-9]+\.[0-9]+ ms/N ms/g'
}
expect_masked() {
  local got
  got=$(masked)
  [ "$got" = "$1" ] || { out=$got; complain "expected (masked): $1"; }
}

# Ends the script as skipped where this user may not ping at all.
need_ping() {
  run "$bin/diag-ping" -c 1 -W 1 127.0.0.1
  [ "$status" -eq 0 ] && return
  echo "skipped: $err"
  exit 77
}

have_ipv6() { [ -r /proc/net/if_inet6 ] && grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6; }
am_root() { [ "$(id -u)" -eq 0 ]; }

finish_tests() {
  [ "$failures" -eq 0 ] || { echo "$failures assertions failed"; exit 1; }
}
