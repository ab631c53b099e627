#!/bin/bash
# What diag-traceroute prints and how it ends, on loopback.
here=$(dirname "$0")
source "$here/lib.sh"
source "$here/traceroute_lib.sh"

run "$traceroute" --version
expect_status 0
expect_out_has "diag-traceroute "
run "$traceroute" --help
expect_status 0
expect_out_has "usage: diag-traceroute [options] TARGET..."

need_trace
times='s/ [0-9.]+ ms/ N ms/g; s/in N ms/in N ms/'
expect_trace() { # expect_trace TEXT: the times masked
  local got
  got=$(sed -E "$times" <<<"$out")
  [ "$got" = "$1" ] || { out=$got; complain "expected (masked): $1"; }
}

run "$traceroute" -n 127.0.0.1
expect_status 0
expect_trace "diag-traceroute to 127.0.0.1, 30 hops max, 60 byte packets, udp 33434
 1  127.0.0.1  N ms  N ms  N ms
reached 127.0.0.1 at hop 1 in N ms"
run "$traceroute" -n -q 1 -m 5 --size 100 127.0.0.1
expect_status 0
expect_trace "diag-traceroute to 127.0.0.1, 5 hops max, 100 byte packets, udp 33434
 1  127.0.0.1  N ms
reached 127.0.0.1 at hop 1 in N ms"
run "$traceroute" -n --quiet 127.0.0.1
expect_out_lacks " 1  "
expect_out_has "reached 127.0.0.1 at hop 1"

if have_ipv6; then
  run "$traceroute" -n ::1
  expect_status 0
  expect_trace "diag-traceroute to ::1, 30 hops max, 80 byte packets, udp 33434
 1  ::1  N ms  N ms  N ms
reached ::1 at hop 1 in N ms"
fi

# Several targets: each path whole, a blank line between them.
run "$traceroute" -n -q 1 127.0.0.1 127.0.0.2
expect_status 0
expect_out_has "

diag-traceroute to 127.0.0."
[ "$(grep -c '^reached' <<<"$out")" -eq 2 ] || complain "expected two verdicts"

# A name keeps its place before the address; -n leaves it out of rows.
run "$traceroute" -4 localhost
expect_status 0
expect_out_has "diag-traceroute to localhost (127.0.0.1), "
run "$traceroute" no-such-host.invalid
expect_status 3
expect_err_lines 1
expect_err_has "diag-traceroute: cannot resolve no-such-host.invalid: "

# An address of ours that is none of this host's.
run "$traceroute" -n -s 192.0.2.77 127.0.0.1
expect_status 3
expect_err_lines 1

# Files: refused before anything is sent.
for option in --asn --expect; do
  run "$traceroute" -n "$option" /nonexistent/file 127.0.0.1
  expect_status 3
  expect_err_lines 1
  expect_err_has "/nonexistent/file"
done
for option in --save --dot --plot; do
  run "$traceroute" -n "$option" /nonexistent/file 127.0.0.1
  expect_status 3
  expect_err_lines 1
done

# A path that was saved is the path that is expected; another is told.
run "$traceroute" -n --save "$scratch/path" 127.0.0.1
expect_status 0
run "$traceroute" -n --expect "$scratch/path" 127.0.0.1
expect_status 0
expect_out_has "as expected"
sed -i 's/^1 127.0.0.1/1 127.0.0.9/' "$scratch/path"
run "$traceroute" -n --expect "$scratch/path" 127.0.0.1
expect_status 1
expect_out_has "hop 1: expected 127.0.0.9, seen 127.0.0.1"
run "$traceroute" -n --quiet --json --crit 'expected==1' --expect "$scratch/path" 127.0.0.1
expect_status 1
run "$traceroute" -n --expect "$scratch/path" 127.0.0.2
expect_status 1
printf 'target 127.0.0.1 reached\nhop 127.0.0.1\n' >"$scratch/wrong"
run "$traceroute" -n --expect "$scratch/wrong" 127.0.0.1
expect_status 2
expect_err "diag-traceroute: cannot read path file $scratch/wrong: line 2: 'hop' is neither 'target' nor the number of a hop"

run "$traceroute" -n --dot "$scratch/dot" 127.0.0.1
expect_status 0
grep -q 'digraph' "$scratch/dot" || complain "expected a graph"
run "$traceroute" -n --plot "$scratch/plot.svg" 127.0.0.1
expect_status 0
grep -q '<svg' "$scratch/plot.svg" || complain "expected a picture"
printf '127.0.0.0/8\t64496\tEXAMPLE\n' >"$scratch/asn"
run "$traceroute" -n --asn "$scratch/asn" 127.0.0.1
expect_status 0
expect_out_has " 1  127.0.0.1 [AS64496]  "

# Thresholds.
run "$traceroute" -n --warn 'hops>0' 127.0.0.1
expect_status 1
run "$traceroute" -n --warn 'hops>1' 127.0.0.1
expect_status 0

# Where the output goes: lost is 3, a reader that leaves is nobody's fault.
command_line="diag-traceroute >/dev/full"
"$traceroute" -n 127.0.0.1 >/dev/full 2>"$scratch/err"
status=$? out='' err=$(cat "$scratch/err")
expect_status 3
command_line="diag-traceroute | true"
"$traceroute" -n 127.0.0.1 2>"$scratch/err" | true
err=$(cat "$scratch/err")
expect_err ""

if am_privileged; then
  run "$traceroute" -n -I 127.0.0.1
  expect_status 0
  expect_out_has "60 byte packets, icmp"
  run "$traceroute" -n -T -p 1 127.0.0.1
  expect_status 0
  expect_out_has "tcp/1 closed"
  run "$traceroute" -n --mda 127.0.0.1
  expect_status 0
  expect_out_has "reached 127.0.0.1 at hop 1, one path"
  run "$traceroute" -n --mtu 127.0.0.1
  expect_status 0
  expect_out_has "path MTU "
  run "$traceroute" -n --locate 1 127.0.0.1
  expect_status 0
  expect_out_has "tcp/1 passes to the target at hop 1"
  run "$traceroute" -n --report 2 --interval 0.01 127.0.0.1
  expect_status 0
  expect_out_has "Loss%"
else
  run "$traceroute" -n -T 127.0.0.1
  expect_status 3
  expect_err_lines 1
  expect_err_has "CAP_NET_RAW"
  run "$traceroute" -n -v 127.0.0.1
  expect_status 0
  expect_err_has "without CAP_NET_RAW"
fi

finish_tests
