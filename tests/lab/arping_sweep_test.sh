#!/usr/bin/env bash
# Many addresses: all found, none twice, only the silent asked again, flat memory.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"
most_kib=12288  # of a debug build; the bench holds the release to 8 MB

# sweep OPTIONS...: as tool_run, with the peak of the resident memory in $peak and the seconds it took in $took.
sweep() {
  lab_run a /usr/bin/time -o "$LAB_TMP/peak" -f '%M %e' "$TOOL" "$@"
  read -r peak took < <(tail -n1 "$LAB_TMP/peak")
}
within() { awk -v value="$1" -v low="$2" -v high="$3" 'BEGIN { exit !(value >= low && value <= high) }'; }
seen() { fields "$LAB_TMP/far.pcap" "$1" frame.number | wc -l; }

lab_up arp-sweep
far=$(lab_in b cat /sys/class/net/eth0/address)
lab_case "65,536 addresses that all answer"
sweep --rate 0 --json -q 198.18.0.0/16
check_status 0
check "less than 12 MiB: $peak KiB" [ "$peak" -lt "$most_kib" ]
check_records 'number("summary") == 65536 and ([summaries[].address] | unique | length == 65536)'
check_records 'all(summaries[]; .verdict == "in-use" and .sent == 1 and .owners == ["'"$far"'"])'
cp "$out" "$tool_kept/all.quiet.json"
check "nothing on stderr" [ ! -s "$err" ]

lab_case "one owner of everything: said once"
check_records 'found("many-addresses") + found("proxy-arp") | map(.mac) | unique == ["'"$far"'"]'

lab_case "the same as text: a row each, and one line at the end"
sweep --rate 0 198.18.0.0/20
check_status 0
check "a row each: $(grep -cE "^198\.18\.[0-9]+\.[0-9]+ +$far" "$out")" [ "$(grep -oE "^198\.18\.[0-9]+\.[0-9]+ +$far" "$out" | sort -u | wc -l)" -eq 4096 ]
check "and once" [ "$(grep -cE "^198\.18\.[0-9]+\.[0-9]+ +$far" "$out")" -eq 4096 ]
check_out '^4,?096 of 4,?096 in use.*4,?096 probes in '

lab_case "IPv6"
lab_hosts a tap=tap6 from=2001:db8:b::1/64 2001:db8:b::/118 'default=good=00.00.5e.00.53.99'
sweep --rate 5000 --json -q 2001:db8:b::100/118
check_status 0
check_records 'summaries | length == 1023 and all(.verdict == "in-use" and .owners == ["00:00:5e:00:53:99"])'
cp "$out" "$tool_kept/six.quiet.json"

lab_case "a gentle rate unless said: 500 a second"
lab_capture b eth0 "$LAB_TMP/far.pcap" arp
capture=$lab_pid
sweep -q 198.18.0.0/24
lab_stop "$capture"
check_status 0
check "256 probes in about half a second: $took" within "$took" 0.5 1.5
fields "$LAB_TMP/far.pcap" 'arp.opcode == 1 && arp.src.proto_ipv4 == 192.0.2.1 && arp.dst.proto_ipv4 == 198.18.0.0/24' frame.time_epoch >"$LAB_TMP/times"
check "256 questions: $(wc -l <"$LAB_TMP/times")" within "$(wc -l <"$LAB_TMP/times")" 256 276
check "no tenth of a second with more than 70" awk 'NR == 1 { first = $1 } { bin[int(($1 - first) * 10)]++ } END { for (b in bin) if (bin[b] > 70) exit 1; exit length(bin) < 4 }' "$LAB_TMP/times"

lab_case "shards part the targets exactly"
for shard in 1 2 3; do
  lab_run a "$TOOL" --rate 0 --shard "$shard/3" 198.18.0.0/24
  grep -oE '^198\.18\.0\.[0-9]+ ' "$out" >>"$LAB_TMP/shards"
done
check "256, none twice" [ "$(sort "$LAB_TMP/shards" | uniq | wc -l) $(wc -l <"$LAB_TMP/shards")" = "256 256" ]

lab_up arp-half
lab_case "half of 65,536 silent: they are asked again, the others are not"
lab_capture b eth0 "$LAB_TMP/far.pcap" arp
capture=$lab_pid
sweep --rate 0 --json -q 198.18.0.0/20
lab_stop "$capture"
check_status 1
check_records '[summaries[] | select(.verdict == "in-use")] | length == 2048 and all(.sent == 1 and (.address | split(".")[3] | tonumber % 2 == 0))'
check_records '[summaries[] | select(.verdict == "no-answer")] | length == 2048 and all(.sent == 2 and .lost == 2)'
cp "$out" "$tool_kept/half.quiet.json"
check "each silent one twice, each other once" [ "$(fields "$LAB_TMP/far.pcap" 'arp.opcode == 1 && eth.dst == ff:ff:ff:ff:ff:ff' arp.dst.proto_ipv4 \
  | grep '^198\.18\.' | sort | uniq -c | awk '{ split($2, part, "."); if ($1 != 1 + part[4] % 2) wrong++ } END { print NR, wrong + 0 }')" = "4096 0" ]
sweep --rate 0 --json -q 198.18.0.0/16
check_status 1
check "less than 12 MiB: $peak KiB" [ "$peak" -lt "$most_kib" ]
check_records '[summaries[] | select(.verdict == "in-use") | .address] | unique | length == 32768'
cp "$out" "$tool_kept/half16.quiet.json"

lab_case "no retries, more retries"
tool_run a --rate 0 -r0 198.18.4.0/28
check_records '[summaries[] | select(.verdict == "no-answer")] | length == 8 and all(.sent == 1)'
tool_run a --rate 0 -r3 -W0.2 198.18.4.0/28
check_records '[summaries[] | select(.verdict == "no-answer")] | length == 8 and all(.sent == 4)'

lab_case "everybody silent"
tool_run a --rate 0 -W0.2 198.18.4.1 198.18.4.3 198.18.4.5
check_status 1
check_records 'summaries | length == 3 and all(.verdict == "no-answer")'

lab_case "what is found while many are asked: conflict, flux, forgers"
lab_hosts a tap=tap1 "mac=$(documented 01)" from=203.0.113.1/24 203.0.113.10=good 203.0.113.11=good+good=00.00.5e.00.53.99 \
  203.0.113.12=frame-from 203.0.113.13=good/silent 203.0.113.14=silent/good 203.0.113.15=tagged 203.0.113.16=unicast-only \
  203.0.113.17=good=00.00.5e.00.01.07
tool_run a --rate 2000 203.0.113.0/24
check_status 1
check_records '[summaries[] | select(.verdict == "in-use") | .address] == ["203.0.113.10", "203.0.113.12", "203.0.113.13", "203.0.113.14", "203.0.113.17"]'
check_records '[summaries[] | select(.verdict == "conflict") | .address] == ["203.0.113.11"] and finds("conflict")'
check_records 'finds("spoofed") and finds("virtual-router") and finds("vlan-leak")'
lab_run a "$TOOL" --rate 2000 203.0.113.0/24
check_out '^5 of 255 in use, 1 conflict; '

check_arping_law
lab_done
