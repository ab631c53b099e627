#!/bin/bash
# JSON, CSV, Nagios, OpenMetrics and frames of diag-tcp, against the loopback interface.
here=$(dirname "$0")
source "$here/lib.sh"
source "$here/tcp_lib.sh"
listen silent
open_port=$port
find_shut_port

run "$tcp" --json "127.0.0.1:$open_port,$shut_port"
expect_status 1
expect_err ""
[ "$(printf '%s\n' "$out" | grep -c '"event":"result"')" -eq 2 ] || complain "expected two results"
case $(printf '%s\n' "$out" | tail -1) in
  '{"tool":"tcp","event":"summary","time":"'*'"states":{"open":1,"closed":1,"filtered":0,"rejected":0,"unreachable":0,"error":0}'*) ;;
  *) complain "expected the summary last" ;;
esac
if command -v jq >/dev/null; then
  printf '%s\n' "$out" | jq -es 'map(select(.event == "result")) | all(.target == "127.0.0.1" and .address == "127.0.0.1"
    and .attempts == 1 and .answered_attempt == 1 and .rtt_ms > 0 and (.rtt_source | length) > 0 and
    (.method == "syn" or .method == "connect"))' >/dev/null || complain "expected the keys of a result"
fi
if am_root; then
  expect_out_has '"method":"syn","state":"open","reason":"syn-ack","from":"127.0.0.1","ttl":64,'
  expect_out_has '"syn_ack":{"window":'
fi

run "$tcp" --json --connect "127.0.0.1:$open_port"
expect_status 0
expect_out_has '"method":"connect","state":"open","reason":"syn-ack"'
if [ ${#as_user[@]} -gt 0 ]; then
  run "${as_user[@]}" "$tcp" --json "127.0.0.1:$open_port"
  expect_status 0
  expect_out_has '"method":"connect"'
  expect_out_has '"rtt_source":"tcp-info"'
  expect_out_has '"not_seen":["ttl","ip_id","syn_ack"]'
fi

listen greeter
run "$tcp" --json --banner "127.0.0.1:$port"
expect_out_has '"banner":"220 hello\\x0d\\x0a","banner_hex":"3232302068656c6c6f0d0a"'
expect_out_has '"close":"'

run "$tcp" --json -q "127.0.0.1:$open_port" "127.0.0.2:$shut_port"
[ "$(printf '%s\n' "$out" | grep -c '"event":"summary"')" -eq 2 ] || complain "expected two summaries"
[ "$(printf '%s\n' "$out" | grep -c '')" -eq 2 ] || complain "expected summaries alone"

run "$tcp" --format csv "127.0.0.1:$open_port"
expect_status 0
[ "$(printf '%s\n' "$out" | grep -c '')" -eq 3 ] || complain "expected a header, a result and a summary"
expect_out_has "time,event,target,address,port,"

run "$tcp" --format nagios --warn 'rtt>1s' "127.0.0.1:$open_port"
expect_status 0
case $out in "TCP OK - 127.0.0.1: loss 0%, rtt avg "*" ms | rta="*"ms;1000;;0 pl=0%;;;0;100") ;; *) complain "expected a line for Nagios" ;; esac
run "$tcp" --format nagios "127.0.0.1:$open_port,$shut_port"
expect_status 2
expect_out_has "TCP CRITICAL - 127.0.0.1: "
expect_out_has "port $shut_port closed, reset"
run "$tcp" --format nagios --warn 'open>0' "127.0.0.1:$open_port"
expect_status 1
expect_out_has "open 1 > 0"

run "$tcp" --format openmetrics "127.0.0.1:$open_port"
expect_status 0
expect_out_has 'diag_tcp_states_open{target="127.0.0.1",address="127.0.0.1"} 1'
expect_out_has '# EOF'
if command -v promtool >/dev/null; then
  printf '%s\n' "$out" | promtool check metrics >"$scratch/promtool" 2>&1 || complain "promtool: $(cat "$scratch/promtool")"
fi

# policies and baselines
printf '127.0.0.1 %s open "the listener"\n127.0.0.1 %s closed\n' "$open_port" "$shut_port" >"$scratch/policy"
run "$tcp" --policy "$scratch/policy" --report tap
expect_status 0
expect_out_has "1..2"
sed -i 's/closed$/open/' "$scratch/policy"
run "$tcp" --policy "$scratch/policy"
expect_status 1
run "$tcp" -q --baseline "$scratch/baseline" --expect 'open|closed' "127.0.0.1:$open_port,$shut_port"
expect_status 0
run "$tcp" --compare "$scratch/baseline"
expect_status 0
run "$tcp" --policy "$scratch/baseline"
expect_status 0
printf '127.0.0.1 0 open\nnonsense\n127.0.0.1 22 shut\n' >"$scratch/policy"
run "$tcp" --policy "$scratch/policy"
expect_status 2
for line in 1 2 3; do expect_err_has "$scratch/policy:$line: "; done
expect_out ""

if am_root; then
  run "$tcp" --packets "127.0.0.1:$open_port"
  expect_status 0
  expect_out_has "Protocol Details"
  run "$tcp" -q --pcap "$scratch/run.pcap" "127.0.0.1:$open_port"
  expect_status 0
  run "$tcp" -q --connect --pcap "$scratch/connect.pcap" "127.0.0.1:$open_port"
  expect_status 0
  if command -v tshark >/dev/null; then
    for file in run connect; do
      frames=$(tshark -r "$scratch/$file.pcap" 2>/dev/null | grep -c 'SYN')
      [ "$frames" -ge 2 ] || complain "expected SYN and SYN-ACK in $file.pcap, not $frames"
      [ -z "$(tshark -r "$scratch/$file.pcap" -Y _ws.malformed 2>/dev/null)" ] || complain "a malformed frame in $file.pcap"
    done
  fi
fi

run "$tcp" --version
expect_status 0
expect_out_has "diag-tcp "
run "$tcp" --help
expect_status 0
expect_out_has "usage: diag-tcp [options] TARGET[:PORTS]..."
finish_tests
