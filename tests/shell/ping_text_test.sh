#!/bin/bash
# The text of a series and of sweeps, against the loopback interface.
here=$(dirname "$0")
source "$here/lib.sh"
need_ping
ping=$bin/diag-ping

run "$ping" -c 2 -i 0.01 127.0.0.1
expect_status 0
expect_err ""
expect_masked "PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=N ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=N ms

--- 127.0.0.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time Nms
rtt min/avg/max/mdev = N ms
p50/p90/p95/p99 = N ms, jitter N ms, reordered 0, longest loss run 0"

run "$ping" -q -c 2 -i 0.01 -s 1000 -t 9 127.0.0.1
expect_status 0
expect_out_has "PING 127.0.0.1 (127.0.0.1) 1000(1028) bytes of data."
expect_out_lacks "icmp_seq"

run "$ping" -c 1 -s 100 127.0.0.1
expect_out_has "108 bytes from 127.0.0.1: icmp_seq=1"
run "$ping" -c 1 -s 0 127.0.0.1
expect_status 0
expect_out_has "8 bytes from 127.0.0.1: icmp_seq=1"
run "$ping" -c 1 -s 65507 127.0.0.1
expect_status 0
expect_out_has "65515 bytes from 127.0.0.1: icmp_seq=1"

run "$ping" -c 1 -p ff00 127.0.0.1
expect_out_has "PATTERN: 0xff00"
run "$ping" -c 1 -D 127.0.0.1
expect_out_has "["
run "$ping" -c 1 -a 127.0.0.1
expect_out_has $'\a'
run "$ping" -A -q -c 20 127.0.0.1
expect_status 0
expect_out_has "20 packets transmitted, 20 received"
expect_out_has "ipg/ewma"

# several targets: a table at the end
run "$ping" -q -c 1 --sort address 127.0.0.2 127.0.0.1 127.0.0.2
expect_status 0
expect_out_has "PING 2 targets"
case $out in *"127.0.0.1 "*"127.0.0.2 "*) ;; *) complain "expected the table by address" ;; esac

# sweeps
run "$ping" --alive --sort address 127.0.0.0/29
expect_status 0
expect_out "$(printf '127.0.0.%s\n' 0 1 2 3 4 5 6 7)"
run "$ping" --unreachable 127.0.0.1-3
expect_status 0
expect_out ""
run "$ping" 127.0.0.1-3
expect_status 0
expect_out_has "3 targets: 3 alive; 3 packets sent, 3 received, time "
run "$ping" -g --alive 127.0.0.1 127.0.0.2
[ "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" = "127.0.0.1 127.0.0.2 " ] || complain "expected both ends of the range"
printf '# list\r\n127.0.0.1\r\n\n127.0.0.1 # twice\n' >"$scratch/list"
run "$ping" --alive -f "$scratch/list"
expect_status 0
expect_out "127.0.0.1"
run "$ping" --shard 2/4 --alive 127.0.0.0/29 --sort address
expect_out "127.0.0.1
127.0.0.5"

# conditions
run "$ping" --until up -i 0.01 127.0.0.1
expect_status 0
run "$ping" --until down -w 0.2 -i 0.01 127.0.0.1
expect_status 1
run "$ping" -c 3 -i 0.01 --crit 'rtt>1h' 127.0.0.1
expect_status 2
run "$ping" -c 3 -i 0.01 --crit 'rtt>1s' 127.0.0.1
expect_status 0
run "$ping" -c 3 -i 0.01 --crit 'rtt.min>=0ns' 127.0.0.1
expect_status 1
run "$ping" -c 100 -i 0.05 -w 0.2 127.0.0.1
expect_status 1

run "$ping" --mtu 127.0.0.1
expect_status 0
expect_out_has "path MTU to 127.0.0.1 is "

if have_ipv6; then
  run "$ping" -c 1 ::1
  expect_status 0
  expect_masked "PING ::1(::1) 56 data bytes
64 bytes from ::1: icmp_seq=1 ttl=64 time=N ms

--- ::1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Nms
rtt min/avg/max/mdev = N ms
p50/p90/p95/p99 = N ms, reordered 0, longest loss run 0"
  run "$ping" -c 1 '[::1]'
  expect_status 0
fi

# signals: an interim line, then the summary all the same. `set -m`: without it background jobs ignore both.
command_line="SIGQUIT, then SIGINT"
set -m
"$ping" -i 0.02 -w 20 127.0.0.1 >"$scratch/out" 2>"$scratch/err" &
pid=$!
set +m
await() { for _ in $(seq 200); do grep -q "$1" "$2" && return; sleep 0.02; done; }
await 'icmp_seq=3' "$scratch/out"
kill -QUIT $pid
await packets "$scratch/err"
kill -INT $pid
wait $pid
status=$? out=$(cat "$scratch/out") err=$(cat "$scratch/err")
expect_status 0
expect_out_has "ping statistics"
expect_err_has "% loss, min/avg/ewma/max = "
finish_tests
