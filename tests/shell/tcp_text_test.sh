#!/bin/bash
# The text of diag-tcp against the loopback interface, with raw sockets where there are any and without.
here=$(dirname "$0")
source "$here/lib.sh"
source "$here/tcp_lib.sh"
listen silent
open_port=$port
find_shut_port

if am_root; then
  run "$tcp" -n "127.0.0.1:$open_port,$shut_port"
  expect_status 1
  expect_err ""
  expect_out_has "127.0.0.1:$open_port  open      syn-ack "
  expect_out_has "ttl 64  mss 65495, window "
  expect_out_has "127.0.0.1:$shut_port  closed    reset "
  expect_out_has "127.0.0.1: 1 open, 1 closed; 2 SYNs sent, rtt "
  run "$tcp" -n --profile bare "127.0.0.1:$open_port"
  expect_status 0
  expect_out_lacks "timestamps"
  run "$tcp" -n --ack "127.0.0.1:$open_port"
  expect_status 0
  expect_out_has "closed    unfiltered"
  run "$tcp" -n --fin "127.0.0.1:$shut_port"
  expect_status 0
  run "$tcp" -n --fin -r 0 -W 0.1 "127.0.0.1:$open_port"
  expect_status 1
  expect_masked_tcp "127.0.0.1:$open_port filtered no answer to 1 probe in 0.1 s
127.0.0.1: 1 filtered; 1 probe sent"
  run "$tcp" -n --flows 4 "127.0.0.1:$open_port"
  expect_status 0
  [ "$(printf '%s\n' "$out" | grep -c ' flow [1-4] from port ')" -eq 4 ] || complain "expected four flows"
  run "$tcp" -n --source-port 19199 "127.0.0.1:$open_port" --json
  expect_out_has '"source_port":19199'

  # every port of a host
  run "$tcp" --open 127.0.0.1:all
  expect_status 1
  printf '%s\n' "$out" | grep -qx "127.0.0.1:$open_port" || complain "expected the open port"
  printf '%s\n' "$out" | grep -qvE '^127\.0\.0\.1:[0-9]+$' && complain "expected endpoints alone"
fi

# the kernel's own connections
run "$tcp" -n --connect "127.0.0.1:$open_port,$shut_port"
expect_status 1
expect_out_has "127.0.0.1:$open_port  open      syn-ack "
expect_out_has "127.0.0.1:$shut_port  closed    reset "
expect_out_has "1 open, 1 closed; 2 SYNs sent, rtt "

# banners and how they end
listen greeter
run "$tcp" -n --banner "127.0.0.1:$port"
expect_status 0
expect_out_has '"220 hello"'
listen echo
run "$tcp" -n --data 'ping\r\n' "127.0.0.1:$port"
expect_status 0
expect_out_has '"ping"'
listen shut
run "$tcp" -n --banner "127.0.0.1:$port"
expect_status 0
expect_out_has "reset by the peer"

# judgement
run "$tcp" -q --expect 'open|closed' "127.0.0.1:$open_port,$shut_port"
expect_status 0
[ "$(printf '%s\n' "$out" | grep -c '')" -eq 1 ] || complain "expected one line"
run "$tcp" -q --expect closed "127.0.0.1:$shut_port" 
expect_status 0
run "$tcp" -q --expect closed --crit 'closed>0' "127.0.0.1:$shut_port"
expect_status 1
run "$tcp" -q -c 3 -i 0.01 "127.0.0.1:$open_port"
expect_status 0
expect_out_has "127.0.0.1: 3 open; 3 SYNs sent"

# overlapping targets and ports are asked once
run "$tcp" --dry-run 127.0.0.0/30:22,80 127.0.0.1:80,22,22 127.0.0.2
expect_status 2
run "$tcp" --dry-run 127.0.0.0/30:22,80 127.0.0.1:80,22,22
expect_status 0
expect_out_has "4 targets, 8 probes"
run "$tcp" --dry-run -p all 127.0.0.1
expect_out_has "1 target, 65,535 probes"
run "$tcp" --dry-run --shard 2/4 -p 22 127.0.0.0/29
expect_out_has "2 targets, 2 probes"

# service names, unless they are not wanted
if command -v getent >/dev/null && getent services 9/tcp >/dev/null; then
  run "$tcp" --connect 127.0.0.1:9
  expect_out_has "($(getent services 9/tcp | awk '{ print $1 }'))"
  run "$tcp" -n --connect 127.0.0.1:9
  expect_out_lacks "(discard)"
fi

if have_ipv6; then
  listen silent ::1
  run "$tcp" -n "[::1]:$port"
  expect_status 0
  expect_out_has "[::1]:$port  open "
fi

# Without privileges the kernel connects, and says so when asked.
if [ ${#as_user[@]} -gt 0 ]; then
  run "${as_user[@]}" "$tcp" -n "127.0.0.1:$open_port,$shut_port"
  expect_status 1
  expect_err ""
  expect_masked_tcp "127.0.0.1:$open_port open syn-ack N ms
127.0.0.1:$shut_port closed reset N ms
127.0.0.1: 1 open, 1 closed; 2 SYNs sent, rtt N ms"
  run "${as_user[@]}" "$tcp" -v "127.0.0.1:$open_port"
  expect_err_has "without CAP_NET_RAW: the kernel makes the connections"
  expect_err_lines 1
fi

# Ctrl-C: what was found is kept, and the run can be resumed. `set -m`: without it background jobs ignore it.
await() { for _ in $(seq 200); do grep -q "$1" "$2" && return; sleep 0.02; done; }
command_line="SIGINT, then --resume"
set -m
timeout 20 "$tcp" --json --rate 200 -p 1-400 127.0.0.1 >"$scratch/first" 2>"$scratch/err" &
pid=$!
set +m
await '"port"' "$scratch/first"
kill -INT -$pid
wait $pid
status=$? out=$(tail -1 "$scratch/first") err=$(cat "$scratch/err")
expect_status 1
expect_err_has "diag-tcp: resume with: --resume "
token=$(sed -n 's/.*--resume //p' "$scratch/err")
expect_out_has "\"resume\":\"$token\""
run "$tcp" --json --rate 100000 --resume "$token" -p 1-400 127.0.0.1
printf '%s\n' "$out" >"$scratch/second"
ports=$(cat "$scratch/first" "$scratch/second" | sed -n 's/.*"port":\([0-9]*\),.*/\1/p' | sort -nu | grep -c '')
[ "$ports" -eq 400 ] || complain "expected 400 ports in both runs, not $ports"
run "$tcp" --resume "$token" -p 1-401 127.0.0.1
expect_status 2
expect_err_has "the token is of another run"
expect_err_lines 1
finish_tests
