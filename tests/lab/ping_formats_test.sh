#!/usr/bin/env bash
# Every output format of diag-ping against the program that reads it, and what happens when nobody can read it.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/ping_lib.sh"

for need in jq promtool tshark xmllint; do
  command -v "$need" >/dev/null || lab_skip "$need is not installed"
done
lab_up pair
lab_faults a 198.51.100.0/24 from=192.0.2.1 router=198.51.100.254 198.51.100.2=silent 198.51.100.3=admin-prohibited 198.51.100.4=dup/wrong-cookie+good

lab_case "--json: strict, one object a line, the same target in every record"
ping_run a -c3 -i0.05 192.0.2.2
check_status 0
check_records 'length == 4 and all(.[]; .target == "192.0.2.2" and .address == "192.0.2.2")'
check_records 'events("reply") | map(.seq) == [1, 2, 3] and all(.[]; .ttl == 64 and .size == 64 and .rtt_ms > 0)'
check_records 'summary.rtt_ms | .min <= .p50 and .p50 <= .p90 and .p90 <= .p95 and .p95 <= .p99 and .p99 <= .max
               and .min <= .avg and .avg <= .max'
check "a reader of streams takes it" bash -c 'jq -c . "$1" | cmp -s - <(jq -c . <"$1")' - "$out"

lab_case "-q --json: the summary alone"
lab_run a "$PING" --json -q -c2 -i0.02 192.0.2.2 2001:db8::2
cp "$out" "$ping_kept/summaries.quiet.json"
check_records 'length == 2 and number("summary") == 2'

lab_case "--format csv"
lab_run a "$PING" --format csv -c2 -i0.05 192.0.2.2 198.51.100.3
check_status 1
csv_reads() { python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline=""), strict=True))
assert [row["event"] for row in rows].count("summary") == 2, rows
assert all(None not in row and None not in row.values() for row in rows), "a row of another width"
assert {row["rtt_ms"] != "" for row in rows if row["event"] == "reply"} == {True}
assert {row["reason"] for row in rows if row["event"] == "error"} == {"admin-prohibited"}' "$out" 2>"$err"; }
check "python's csv reads it" csv_reads
check "lines end in CR LF" [ "$(grep -c $'\r$' "$out")" -eq "$(wc -l <"$out")" ]

lab_case "--format nagios: one line with perfdata, the plugin's status"
nagios() { # nagios STATUS WORD OPTIONS...
  lab_run a "$PING" --format nagios "${@:3}"
  check_status "$1"
  check "one line" [ "$(wc -l <"$out")" -eq 1 ]
  check_out "^PING $2 - [^|]*\|([ ]?'?[^'=]+'?=[0-9.]*(U|s|ms|%)?(;[0-9.:~@]*){0,4})+\$"
}
nagios 0 OK -c2 -i0.05 192.0.2.2
nagios 2 CRITICAL -c1 -W0.2 198.51.100.2
nagios 1 WARNING -c2 -i0.05 --warn 'rtt.avg>0.000001ms' 192.0.2.2
nagios 2 CRITICAL -c2 -i0.05 --crit 'rtt.avg>0.000001ms' 192.0.2.2
nagios 0 OK -c2 -i0.05 --warn 'loss>5%' --crit 'rtt.p95>5s' 192.0.2.2
lab_run a "$PING" --format nagios -c1 203.0.113.1
check_status 3
check_out '^PING UNKNOWN'
lab_run a "$PING" --format nagios --no-such-option
check_status 3
check_out '^PING UNKNOWN'

lab_case "--format openmetrics: promtool takes it"
lab_run a "$PING" --format openmetrics -c3 -i0.05 192.0.2.2 198.51.100.3 198.51.100.4
check "promtool check metrics: $(promtool check metrics <"$out" 2>&1)" promtool check metrics <"$out"
check_out '^diag_ping_[a-z_]*received[a-z_]*\{.*192\.0\.2\.2.*\} 3$'

lab_case "--pcap: what was sent and received, nothing malformed"
frames() { tshark -r "$1" -Y "$2" 2>/dev/null | wc -l; }
for target in 192.0.2.2 2001:db8::2 198.51.100.3; do
  file=$LAB_TMP/$target.pcap
  lab_run a "$PING" --pcap "$file" -c5 -i0.02 "$target"
  [ "$target" = 198.51.100.3 ] || check_out '^5 packets transmitted, 5 received'
  check "$target: no malformed mark" [ "$(frames "$file" '_ws.malformed or _ws.short or _ws.expert.severity >= 8388608')" -eq 0 ]
  check "$target: five requests" [ "$(frames "$file" 'icmp.type == 8 or icmpv6.type == 128')" -ge 5 ]
done
check "five replies" [ "$(frames "$LAB_TMP/192.0.2.2.pcap" 'icmp.type == 0')" -eq 5 ]
check "five IPv6 replies" [ "$(frames "$LAB_TMP/2001:db8::2.pcap" 'icmpv6.type == 129')" -eq 5 ]
check "five refusals" [ "$(frames "$LAB_TMP/198.51.100.3.pcap" 'icmp.type == 3 and icmp.code == 13')" -eq 5 ]
lab_run a "$PING" --pcap "$LAB_TMP/none/x.pcap" -c1 192.0.2.2
check_status 3
check_err '^diag-ping: .*none/x\.pcap.*No such file'

lab_case "--packets: a line for each frame"
lab_run a "$PING" --packets -c3 -i0.05 192.0.2.2
check "three requests and three replies" [ "$(grep -cE '192\.0\.2\.1 +192\.0\.2\.2 .*[Ee]cho' "$out")" -eq 3 ]
check "and three replies" [ "$(grep -cE '192\.0\.2\.2 +192\.0\.2\.1 .*[Ee]cho' "$out")" -eq 3 ]
check_out '^3 packets transmitted, 3 received'

lab_case "text as iputils prints it, and -q"
lab_run a "$PING" -c2 -i0.05 192.0.2.2
check_out '^PING 192\.0\.2\.2 \(192\.0\.2\.2\) 56\(84\) bytes of data\.$'
check_out '^64 bytes from 192\.0\.2\.2: icmp_seq=1 ttl=64 time=[0-9.]+ ms$'
check_out '^--- 192\.0\.2\.2 ping statistics ---$'
check_out '^2 packets transmitted, 2 received, 0% packet loss, time [0-9]+ms$'
check_out '^rtt min/avg/max/mdev = [0-9.]+/[0-9.]+/[0-9.]+/[0-9.]+ ms$'
lab_run a "$PING" -q -c2 -i0.05 192.0.2.2
check_no_out 'bytes from'
check_out '^2 packets transmitted, 2 received'

lab_case "--plot: an SVG that xmllint takes"
lab_run a "$PING" --plot "$LAB_TMP/run.svg" -c5 -i0.02 192.0.2.2 198.51.100.2 -W0.2
check "xmllint" xmllint --noout "$LAB_TMP/run.svg"
check "it is an SVG" grep -q '<svg' "$LAB_TMP/run.svg"
lab_run a "$PING" --plot /dev/full -c1 192.0.2.2
check_status 3

lab_case "a standard output that cannot be written"
for format in text json csv nagios openmetrics; do
  for sink in '>&-' '>/dev/full'; do
    lab_in a timeout 10 sh -c "\"\$0\" --format $format -c2 -i0.02 192.0.2.2 2>\"\$1\" $sink" "$PING" "$err"
    status=$?
    : >"$out"
    check_status 3
    check_err '^diag-ping: .*(standard output|stdout)'
  done
done

lab_case "a reader that leaves"
lab_in a timeout 10 bash -c '"$0" --json -c 20 -i 0.02 192.0.2.2 2>"$1" | head -n1 >"$2"; exit "${PIPESTATUS[0]}"' "$PING" "$err" "$out"
status=$?
check_status 0
check "quietly" [ ! -s "$err" ]
check "one record" [ "$(wc -l <"$out")" -eq 1 ]

check_ping_law
lab_done
