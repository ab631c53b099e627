#!/bin/bash
# Records of diag-traceroute on loopback: NDJSON, CSV, Nagios, OpenMetrics.
here=$(dirname "$0")
source "$here/lib.sh"
source "$here/traceroute_lib.sh"
need_trace

run "$traceroute" -n --json 127.0.0.1
expect_status 0
expect_err ""
[ "$(wc -l <<<"$out")" -eq 2 ] || complain "expected a hop and a summary"
expect_out_has '"tool":"traceroute","event":"hop"'
expect_out_has '"target":"127.0.0.1","address":"127.0.0.1","hop":1,"probes":[{"state":"reached"'
expect_out_has '"event":"summary"'
expect_out_has '"reached":true,"hops":1'
if command -v python3 >/dev/null; then
  python3 -c 'import json,sys; [json.loads(line) for line in sys.stdin]' <<<"$out" || complain "expected JSON"
fi
run "$traceroute" -n --json --quiet 127.0.0.1
[ "$(wc -l <<<"$out")" -eq 1 ] || complain "expected the summary alone"

# The last line of every run is a summary, also of names that gave no address.
run "$traceroute" -n --json no-such-host.invalid
expect_status 3
expect_out_has '"event":"summary"'
expect_out_has '"target":"no-such-host.invalid","reached":false,"reason":"'

run "$traceroute" -n --format csv 127.0.0.1
expect_status 0
expect_out_has "time,event,target,address,"
[ "$(wc -l <<<"$out")" -eq 3 ] || complain "expected a header, a hop and a summary"

run "$traceroute" -n --format nagios 127.0.0.1
expect_status 0
[ "$(wc -l <<<"$out")" -eq 1 ] || complain "expected one line"
expect_out_has "TRACEROUTE OK - 127.0.0.1"
expect_out_has "| rta="
run "$traceroute" -n --format nagios --warn 'hops>0' 127.0.0.1
expect_status 1
expect_out_has "TRACEROUTE WARNING"
run "$traceroute" -n --format nagios --crit 'hops>0' 127.0.0.1
expect_status 2
expect_out_has "TRACEROUTE CRITICAL"
run "$traceroute" -n --format nagios no-such-host.invalid
expect_status 3
expect_out_has "TRACEROUTE UNKNOWN"

run "$traceroute" -n --format openmetrics 127.0.0.1
expect_status 0
expect_out_has "diag_traceroute_hops"
expect_out_has "# EOF"

finish_tests
