#!/usr/bin/env bash
# diag-ping interrupted: the account is always given, soon, and nothing measured is lost (fault list, L16 to L21).
# shellcheck disable=SC2016  # jq's dollars
. "$(dirname "$0")/ping_lib.sh"
lab_up pair
lab_faults a 198.51.100.0/24 from=192.0.2.1 default=late=0.02 198.51.100.2=silent

milliseconds() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 1000)); }

# begin OPTIONS...: diag-ping in the background as $pid. Job control, or the shell has it ignore SIGINT and SIGQUIT.
begin() {
  : >"$out"  # or a process that dies before its first instruction leaves the records of the run before
  set -m
  ip netns exec "${LAB_PREFIX}a" "$PING" -w 10 "$@" >"$out" 2>"$err" </dev/null &
  pid=$!
  set +m
}
# end SIGNAL: sends it and waits; the time from then on in $took.
end() {
  local from
  from=$(milliseconds)
  kill "-$1" "$pid"
  wait "$pid"
  status=$?
  took=$(($(milliseconds) - from))
}

lab_case "sixty interruptions between start and end"
RANDOM=2  # the same moments in every run
slowest=0
early=0
for number in $(seq 60); do
  signals=(INT TERM HUP)
  signal=${signals[number % 3]}
  begin --json -i 0.01 -W 0.5 192.0.2.2 198.51.100.1 198.51.100.2
  # A third of them in the first 10 ms.
  printf -v pause '0.%06d' $((number % 3 == 0 ? RANDOM * 10000 / 32768 : 5000 + RANDOM * 100000 / 32768))
  sleep "$pause"
  end "$signal"
  if [ ! -s "$out" ] && [ "$status" -gt 128 ]; then  # before main()
    early=$((early + 1))
    continue
  fi
  cp "$out" "$ping_kept/$signal-$number.json"
  [ "$took" -le "$slowest" ] || slowest=$took
  check_records '.[-3:] | all(.[]; .event == "summary")'
  check_status 1  # one of the targets is silent
done
check "the slowest end took $slowest ms" [ "$slowest" -lt 250 ]
check "most of them were interrupted in main: $early were not" [ "$early" -lt 25 ]

lab_case "an interrupted run that was answered ends well"
begin --json -i 0.02 192.0.2.2
sleep 0.3
end INT
check_status 0
cp "$out" "$ping_kept/answered.json"
check_records 'summary.received >= 5 and (summary.pending // 0) <= 1'

lab_case "the interrupted text has its statistics"
begin -i 0.02 192.0.2.2
sleep 0.3
end TERM
check_status 0
check_out '^[0-9]+ packets transmitted, [0-9]+ received'

lab_case "SIGQUIT asks how it is going, and it goes on"
begin -c 12 -i 0.05 192.0.2.2
sleep 0.3
kill -QUIT "$pid"
wait "$pid"
status=$?
check_status 0
check_err '^[0-9]+/[0-9]+ packets, 0% loss, min/avg/ewma/max = '
check_out '^12 packets transmitted, 12 received'

lab_case "a second interrupt stops at once"
begin --json -i 0.01 -W 5 198.51.100.2
sleep 0.2
kill -INT "$pid"
end INT
check "it took $took ms" [ "$took" -lt 250 ]
cp "$out" "$ping_kept/twice.json"
check_records 'summary.pending > 0'

lab_case "a sweep interrupted closes the account of every target it asked"
begin --json -W 3 198.51.100.0/28 198.18.0.0/16
sleep 0.15
end INT
check "it took $took ms" [ "$took" -lt 250 ]
cp "$out" "$ping_kept/sweep.json"
check_records 'summary.event == "summary"'

lab_case "signals ignored at exec stay ignored"
ip netns exec "${LAB_PREFIX}a" env --ignore-signal=HUP "$PING" --json -c 6 -i 0.05 192.0.2.2 >"$out" 2>"$err" &
pid=$!
sleep 0.15
kill -HUP "$pid"
wait "$pid"
status=$?
check_status 0
check_records 'summary.received == 6'

lab_case "stopped for two seconds and continued: no burst, no false time"
lab_capture a eth0 "$LAB_TMP/stop.pcap" 'icmp[icmptype] == 8'
capture=$lab_pid
begin --json -i 0.1 -W 5 -c 12 192.0.2.2
sleep 0.45
kill -TSTP "$pid"
sleep 2
kill -CONT "$pid"
wait "$pid"
status=$?
lab_stop "$capture"
check_status 0
cp "$out" "$ping_kept/stopped.json"
check_records 'summary.received == 12 and all(events("reply")[]; .rtt_ms < 100)'
closest=$(tcpdump -ttnr "$LAB_TMP/stop.pcap" 2>/dev/null | awk 'NR > 1 { gap = $1 - last; if (least == "" || gap < least) least = gap } { last = $1 } END { printf "%d\n", least * 1000 }')
check "no two requests closer than 50 ms: $closest ms" [ "$closest" -ge 50 ]

check_ping_law
lab_done
