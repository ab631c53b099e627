#!/bin/bash
# Bad input: one line on stderr each (what, on what, why, what to do), the right status, nothing measured lost.
here=$(dirname "$0")
source "$here/lib.sh"
need_ping
ping=$bin/diag-ping

# usage: 2, before anything is opened
run "$ping"
expect_status 2
expect_err "diag-ping: no target given (see: diag-ping --help)"
run "$ping" --bogus 127.0.0.1
expect_status 2
expect_err "diag-ping: unknown option '--bogus' (see: diag-ping --help)"
run "$ping" -s 65508 127.0.0.1
expect_status 2
expect_err "diag-ping: option -s/--size: '65508' must be 0..65507 (see: diag-ping --help)"
run "$ping" -c 0 127.0.0.1
expect_status 2
expect_err_has "diag-ping: option -c/--count: '0' must be 1.."
expect_err_lines 1
run "$ping" -c 1 192.0.2.0/33
expect_status 2
expect_err "diag-ping: cannot use target 192.0.2.0/33: the prefix length must be 0..32"
run "$ping" -c 1 010.0.0.1
expect_status 2
expect_err "diag-ping: cannot use target 010.0.0.1: not a dotted quad of decimal numbers (older programs read it as 8.0.0.1)"
expect_out ""

# our part: 3
run "$ping" -c 1 host.invalid
expect_status 3
expect_out ""
expect_err_has "diag-ping: cannot resolve host.invalid: "
expect_err_lines 1
run "$ping" -c 1 -I nosuch0 127.0.0.1
expect_status 3
expect_err "diag-ping: cannot use interface nosuch0: No such device (no such interface; see: ip link)"
run "$ping" -c 1 -S 192.0.2.77 127.0.0.1
expect_status 3
expect_err_has "diag-ping: cannot use source address 192.0.2.77: "
expect_err_lines 1
run "$ping" -f /nonexistent/list
expect_status 3
expect_err "diag-ping: cannot read target file /nonexistent/list: No such file or directory"
run "$ping" -c 1 --pcap /nonexistent/x.pcap 127.0.0.1
expect_status 3
expect_err_has "/nonexistent/x.pcap"
expect_err_lines 1

# One unknown name spoils the status, not the measurement.
run "$ping" -c 1 127.0.0.1 host.invalid
expect_status 3
expect_out_has "64 bytes from 127.0.0.1: icmp_seq=1"
run "$ping" --json -c 1 127.0.0.1 host.invalid
expect_status 3
expect_out_has '"event":"reply"'
expect_out_has '"target":"host.invalid","state":"error","reason":"'

# A million lines, three of them bad: each named, the others probed, 2 at the end.
awk 'BEGIN { for (i = 0; i < 1000000; i++) {
  if (i == 10) print "192.0.2.999"; else if (i == 500000) print "two words"; else if (i == 999999) print "192.0.2.0/99";
  else printf "127.%d.%d.%d\n", i / 65536 % 2, i / 256 % 256, i % 4 + 1 } }' >"$scratch/list"
run "$ping" --alive -q -f "$scratch/list"
expect_status 2
expect_err_lines 3
expect_err_has "diag-ping: line 11 of $scratch/list: cannot use target 192.0.2.999: not an IPv4 address"
expect_err_has "diag-ping: line 500001 of $scratch/list: cannot use target two words: holds more than one word"
expect_err_has "diag-ping: line 1000000 of $scratch/list: cannot use target 192.0.2.0/99: "
expect_out_has "127.0.0.1"

# Names from outside never reach the terminal as they are.
printf '\033[31mred\n' >"$scratch/list"
run "$ping" -f "$scratch/list"
expect_err_has '\x1b[31mred'

# Output that is lost is ours; a reader that leaves is not.
command_line="closed stdout"
timeout 20 "$ping" -c 1 127.0.0.1 >&- 2>"$scratch/err"
status=$? out="" err=$(cat "$scratch/err")
expect_status 3
expect_err "diag-ping: cannot write to standard output: Bad file descriptor"
command_line="full disk"
timeout 20 "$ping" -c 1 127.0.0.1 >/dev/full 2>"$scratch/err"
status=$? err=$(cat "$scratch/err")
expect_status 3
expect_err "diag-ping: cannot write to standard output: No space left on device"
command_line="reader that leaves"
timeout 20 "$ping" -i 0.01 127.0.0.1 2>"$scratch/err" | head -1 >"$scratch/out"
status=${PIPESTATUS[0]} out=$(cat "$scratch/out") err=$(cat "$scratch/err")
expect_err ""
[ "$status" -ne 124 ] || complain "the run did not end with its reader"

# Nagios: a status of its own, and always one line.
run "$ping" --format nagios --bogus
expect_status 3
expect_out "PING UNKNOWN - unknown option '--bogus'"
run "$ping" --format nagios -c 1 host.invalid
expect_status 3
expect_out_has "PING UNKNOWN - host.invalid:"

if am_root && command -v setpriv >/dev/null; then
  as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all --)
  if "${as_user[@]}" test -x "$ping"; then
    run "${as_user[@]}" "$ping" -i 0 127.0.0.1
    expect_status 2
    expect_err "diag-ping: option -i/--interval: below 2 ms is for root; use -i 0.002 (see: diag-ping --help)"
    run "${as_user[@]}" "$ping" --socket raw -c 1 127.0.0.1
    expect_status 3
    expect_err "diag-ping: cannot open raw ICMP socket: Operation not permitted (needs CAP_NET_RAW; see diag(7))"
  fi
fi
finish_tests
