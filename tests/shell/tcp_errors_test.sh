#!/bin/bash
# Bad input to diag-tcp: one line on stderr each (what, on what, why, what to do), the right status, nothing sent.
here=$(dirname "$0")
source "$here/lib.sh"
source "$here/tcp_lib.sh"

# usage: 2
run "$tcp"
expect_status 2
expect_err "diag-tcp: no target given (see: diag-tcp --help)"
run "$tcp" --bogus 127.0.0.1:22
expect_status 2
expect_err "diag-tcp: unknown option '--bogus' (see: diag-tcp --help)"
run "$tcp" 127.0.0.1
expect_status 2
expect_err_has "diag-tcp: cannot use target 127.0.0.1: "
expect_err_lines 1
for bad in 0 65536 90-80 22,,80 '' nosuchservice; do
  run "$tcp" "127.0.0.1:$bad"
  expect_status 2
  expect_err_lines 1
  expect_out ""
  run "$tcp" -p "$bad" 127.0.0.1
  expect_status 2
  expect_err_lines 1
  expect_err_has "-p/--ports"
  expect_out ""
done
run "$tcp" 192.0.2.0/33:22
expect_status 2
expect_err_has "the prefix length must be 0..32"
run "$tcp" --connect --ack 127.0.0.1:22
expect_status 2
expect_err "diag-tcp: options --connect and --ack exclude each other (see: diag-tcp --help)"
run "$tcp" --resume nonsense 127.0.0.1:22
expect_status 2
expect_err_has "option --resume: 'nonsense' is no token"
run "$tcp" --crit 'colour>1' 127.0.0.1:22
expect_status 2
expect_err_has "no metric 'colour'"

# Another run's token is refused before anything is sent.
run "$tcp" --dry-run --resume r1-1-0-1-aaaa 127.0.0.1:1-100
expect_status 2
printf 'window 1\nwindw 2\noptions mss 0\n' >"$scratch/profile"
run "$tcp" --dry-run --profile "$scratch/profile" 127.0.0.1:22
expect_status 2
expect_err "diag-tcp: line 2 of $scratch/profile: 'windw' is none of window, ttl and options
diag-tcp: line 3 of $scratch/profile: option mss: '0' must be 1..65535"
run "$tcp" --dry-run --profile linxu 127.0.0.1:22
expect_status 3
expect_err "diag-tcp: cannot read profile linxu: No such file or directory (linux, windows, macos and bare are known by name)"

# our part: 3
run "$tcp" host.invalid:22
expect_status 3
expect_out ""
expect_err_has "diag-tcp: cannot resolve host.invalid: "
expect_err_lines 1
run "$tcp" -f /nonexistent/list -p 22
expect_status 3
expect_err_has "/nonexistent/list"
find_shut_port
run "$tcp" --pcap /nonexistent/x.pcap "127.0.0.1:$shut_port"
expect_status 3
expect_err_lines 1

# One unknown name spoils the status, not the measurement.
listen silent
run "$tcp" -n "127.0.0.1:$port" host.invalid:22
expect_status 3
expect_out_has "127.0.0.1:$port  open"

# Bad lines of a file are named, the good ones asked, 2 at the end.
printf '127.0.0.1\n# comment\n192.0.2.999\n127.0.0.1:70000\ntwo words\n' >"$scratch/list"
run "$tcp" -n -p "$port" -f "$scratch/list"
expect_status 2
expect_err_lines 3
expect_err_has "line 3 of $scratch/list: "
expect_err_has "line 4 of $scratch/list: "
expect_err_has "line 5 of $scratch/list: "
expect_out_has "127.0.0.1:$port  open"

# Names from outside never reach the terminal as they are.
printf '\033[31mred\n' >"$scratch/list"
run "$tcp" -p 22 -f "$scratch/list"
expect_err_has '\x1b[31mred'

# Output that is lost is ours; a reader that leaves is not.
command_line="full disk"
timeout 20 "$tcp" "127.0.0.1:$port" >/dev/full 2>"$scratch/err"
status=$? out="" err=$(cat "$scratch/err")
expect_status 3
expect_err "diag-tcp: cannot write to standard output: No space left on device"
command_line="reader that leaves"
timeout 20 "$tcp" -c 0 -i 0.01 "127.0.0.1:$port" 2>"$scratch/err" | head -1 >"$scratch/out"
status=${PIPESTATUS[0]} out=$(cat "$scratch/out") err=$(cat "$scratch/err")
expect_err ""
[ "$status" -ne 124 ] || complain "the run did not end with its reader"

# Nagios: a status of its own, and always one line.
run "$tcp" --format nagios --bogus
expect_status 3
expect_out "TCP UNKNOWN - unknown option '--bogus'"

# What only raw sockets can do is an error without them.
if [ ${#as_user[@]} -gt 0 ]; then
  for option in --ack --fin --null --flags=SYN --profile=windows --mss=1400; do
    run "${as_user[@]}" "$tcp" "$option" "127.0.0.1:$port"
    expect_status 3
    expect_err_lines 1
    expect_err_has "needs CAP_NET_RAW"
    expect_out ""
  done
fi
finish_tests
