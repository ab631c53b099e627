#!/bin/bash
# JSON, CSV, Nagios, OpenMetrics, frames and pictures, against the loopback interface.
here=$(dirname "$0")
source "$here/lib.sh"
need_ping
ping=$bin/diag-ping

run "$ping" --json -c 3 -i 0.01 127.0.0.1
expect_status 0
expect_err ""
[ "$(printf '%s\n' "$out" | grep -c '"event":"reply"')" -eq 3 ] || complain "expected three replies"
case $(printf '%s\n' "$out" | tail -1) in
  '{"tool":"ping","event":"summary","time":"'*'"sent":3,"received":3,"late":0,'*'"loss_percent":0,"rtt_ms":{"min":'*) ;;
  *) complain "expected the summary last" ;;
esac
if command -v jq >/dev/null; then
  printf '%s\n' "$out" | jq -es 'map(select(.event == "reply")) | all(.seq >= 1 and .ttl == 64 and .size == 64 and
    .rtt_ms > 0 and .target == "127.0.0.1" and .address == "127.0.0.1" and (.rtt_source | length) > 0)' >/dev/null ||
    complain "expected the keys of a reply"
fi

run "$ping" --json -q -c 2 -i 0.01 127.0.0.1 127.0.0.2
[ "$(printf '%s\n' "$out" | grep -c '"event":"summary"')" -eq 2 ] || complain "expected two summaries"
[ "$(printf '%s\n' "$out" | grep -c '')" -eq 2 ] || complain "expected summaries alone"

run "$ping" --json 127.0.0.0/28
expect_status 0
[ "$(printf '%s\n' "$out" | grep -c '"event":"summary"')" -eq 16 ] || complain "expected sixteen summaries"

run "$ping" --format csv -c 1 127.0.0.1
expect_status 0
[ "$(printf '%s\n' "$out" | grep -c '')" -eq 3 ] || complain "expected a header, a reply and a summary"
expect_out_has "time,event,target,address,"

run "$ping" --format nagios -c 2 -i 0.01 --warn 'rtt>1s' --crit 'loss>20%' 127.0.0.1
expect_status 0
case $out in "PING OK - 127.0.0.1: loss 0%, rtt avg "*" ms | rta="*"ms;1000;;0 pl=0%;;20;0;100") ;; *) complain "expected a line for Nagios" ;; esac
run "$ping" --format nagios -c 2 -i 0.01 --warn 'rtt>=0ns' 127.0.0.1
expect_status 1
expect_out_has "PING WARNING - "
run "$ping" --format nagios -c 2 -i 0.01 --crit 'rtt>=0ns' 127.0.0.1
expect_status 2
expect_out_has "PING CRITICAL - "

run "$ping" --format openmetrics -c 2 -i 0.01 127.0.0.1
expect_status 0
expect_out_has 'diag_ping_rtt_seconds{target="127.0.0.1",address="127.0.0.1",quantile="0.95"}'
if command -v promtool >/dev/null; then
  printf '%s\n' "$out" | promtool check metrics >"$scratch/promtool" 2>&1 || complain "promtool: $(cat "$scratch/promtool")"
fi

run "$ping" -q -c 2 -i 0.01 --plot "$scratch/run.svg" 127.0.0.1
expect_status 0
grep -q '<svg' "$scratch/run.svg" || complain "expected a picture"
ln -s "$scratch/elsewhere" "$scratch/link.svg"
run "$ping" -q -c 1 --plot "$scratch/link.svg" 127.0.0.1
expect_status 3
expect_err_has "it is a symbolic link"

if am_root; then
  run "$ping" -c 2 -i 0.01 --packets 127.0.0.1
  expect_status 0
  expect_out_has "Protocol Details"
  expect_out_has "Echo (ping) request"
  expect_out_has "Echo (ping) reply"
  run "$ping" -q -c 2 -i 0.01 --pcap "$scratch/run.pcap" 127.0.0.1
  expect_status 0
  if command -v tshark >/dev/null; then
    frames=$(tshark -r "$scratch/run.pcap" 2>/dev/null | grep -c 'Echo (ping)')
    [ "$frames" -ge 4 ] || complain "expected four frames in the file, not $frames"
    [ -z "$(tshark -r "$scratch/run.pcap" -Y _ws.malformed 2>/dev/null)" ] || complain "a malformed frame"
  fi
fi

run "$ping" --version
expect_status 0
expect_out_has "diag-ping "
run "$ping" --help
expect_status 0
expect_out_has "usage: diag-ping [options] TARGET..."
finish_tests
