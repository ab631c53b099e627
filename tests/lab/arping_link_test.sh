#!/usr/bin/env bash
# diag-arping on links of real hosts: eight on a bridge, two with one address, proxy ARP, ARP flux, both families.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"

lab_up bridge8
for host in 1 2 3 4 5 6 7 8; do
  for address in "192.0.2.1$host" "2001:db8::1$host"; do
    lab_case "a neighbour: $address"
    tool_run a -c1 "$address"
    check_status 0
    check_records "owned(\"$(documented "1$host")\") and clean and (answers | length) == 1 and answers[0].rtt_ms > 0
                   and answers[0].pairing == \"certain\" and summary.interface == \"eth0\""
  done
done

lab_case "a further address of a host"
tool_run a -c1 192.0.2.22
check_records "owned(\"$(documented 12)\")"
tool_run a -c1 2001:db8::81
check_records "owned(\"$(documented 18)\")"

lab_case "the vendor, the lines, the status"
lab_run a "$TOOL" -c2 -i0.1 192.0.2.13
check_status 0
check_out '^ARP 192\.0\.2\.13 from 192\.0\.2\.1 \(00:00:5e:00:53:01\) on eth0$'
check "two answers" [ "$(grep -cE '^192\.0\.2\.13 is at 00:00:5e:00:53:13 \(.*\) .*seq [12] .*[0-9.]+ ms' "$out")" -eq 2 ]
check_out '^2 probes, 2 answered, 0 lost; rtt min/avg/max '
check "nothing on stderr" [ ! -s "$err" ]

for address in 192.0.2.200 2001:db8::200; do
  lab_case "an address that nobody has: $address"
  tool_run a -c2 -i0.2 -W0.2 "$address"
  check_status 1
  check_records 'unanswered and summary.sent == 2 and number("timeout") == 2 and (summary | has("owners") | not)'
done

lab_case "the whole subnet: each address once, of its own host"
expected='192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.14 192.0.2.15 192.0.2.16 192.0.2.17 192.0.2.18 192.0.2.22 192.0.2.81 192.0.2.82 192.0.2.83'
for words in 192.0.2.0/24 '--local -4' '--local -4 -I eth0'; do
  # shellcheck disable=SC2086  # words
  tool_run a --rate 2000 $words
  check_status "$([ "$words" = 192.0.2.0/24 ] && echo 1 || echo 0)"  # most of what was named is silent; --local names nothing
  check_records 'summaries | map(select(.verdict == "in-use") | .address) | unique | join(" ") | . == "'"$expected"'"'
  check_records 'summaries | map(select(.address == "192.0.2.82"))[0].owners == ["'"$(documented 18)"'"]'
  check_records 'all(summaries[]; .verdict == "in-use" or .verdict == "no-answer") and ([summaries[].address] | length == (unique | length))'
  check_records '[summaries[] | select(.verdict == "in-use") | .sent] | all(. == 1)'
  check_records '[summaries[] | select(.verdict == "no-answer") | .sent] | length > 200 and all(. == 2)'
done

lab_case "who answers ff02::1 is asked too"
tool_run a --local -6 -I eth0
check_status 0
for host in 1 2 3 4 5 6 7 8; do
  check_records "any(summaries[]; .verdict == \"in-use\" and .owners == [\"$(documented "1$host")\"])"
done

lab_case "expectations"
for words in "0 --expect-mac $(documented 14)" "1 --expect-mac $(documented 15)" '1 --expect-free'; do
  # shellcheck disable=SC2086  # words
  tool_run a -c1 ${words#* } 192.0.2.14
  check_status "${words%% *}"
done
tool_run a -c1 -W0.2 --expect-free 192.0.2.201
check_status 0
for words in '0 12' '1 11' '0 >=10' '1 <=3' '0 10..14'; do
  lab_run a "$TOOL" -q --rate 0 -r0 -W0.2 --expect-count "${words#* }" 192.0.2.0/24
  check_status "${words%% *}"
done

lab_case "a list, a range, a file"
printf '192.0.2.11\n# nobody\n192.0.2.12-192.0.2.14\n2001:db8::15\n' >"$LAB_TMP/targets"
tool_run a -c1 -f "$LAB_TMP/targets" 192.0.2.18
check_status 0
check_records 'summaries | length == 6 and all(.verdict == "in-use")'

lab_case "what was saved, and what has changed since"
lab_run a "$TOOL" -q --rate 2000 -r0 --save "$LAB_TMP/before" 192.0.2.0/24
check_status 0
lab_in h1 ip link set eth0 address "$(documented 91)"
lab_in h3 ip address delete 192.0.2.13/24 dev eth0
lab_in h4 ip address add 192.0.2.44/24 dev eth0
tool_run a --rate 2000 --compare "$LAB_TMP/before" 192.0.2.0/24
check_records 'number("difference") == 3'
check_records "any(.[]; .event == \"difference\" and .what == \"changed\" and .address == \"192.0.2.11\" and .before == [\"$(documented 11)\"] and .after == [\"$(documented 91)\"])"
check_records 'any(.[]; .event == "difference" and .what == "vanished" and .address == "192.0.2.13")'
check_records 'any(.[]; .event == "difference" and .what == "appeared" and .address == "192.0.2.44")'

lab_up neighbors
for address in 192.0.2.50 2001:db8::50; do
  lab_case "two hosts with one address: $address"
  tool_run a -c3 -i0.1 "$address"
  check_status 1
  check_records "is(\"conflict\") and (summary.owners | sort) == [\"$(documented 11)\", \"$(documented 12)\"] and finds(\"conflict\")"
  check_records 'summary.received == 3 and (answers | length == 6 and (map(select(.new_owner)) | length == 2))'
done
lab_run a "$TOOL" -c1 192.0.2.50
check_status 1
check_out '^192\.0\.2\.50 is at 00:00:5e:00:53:1[12] .*second owner'
check_out '^--- 192\.0\.2\.50: conflict: 00:00:5e:00:53:1[12] (\(.*\) )?and 00:00:5e:00:53:1[12]'

lab_case "one probe is enough to hear both"
for _ in 1 2 3 4 5; do
  tool_run a -c1 192.0.2.50
  check_records 'is("conflict") and (summary.owners | length) == 2'
done

lab_case "a router: flags"
tool_run a -c1 2001:db8::fe
check_records 'owned("'"$(documented fe)"'") and answers[0].router and answers[0].solicited'
tool_run a -c1 2001:db8::11
check_records '(answers[0].router | not) and answers[0].override'

lab_case "off the link: the gateway is named"
lab_run a "$TOOL" -c1 198.51.100.2
check_status 3
check_err '198\.51\.100\.2: it is not on eth0.s link; its next hop is 192\.0\.2\.254'
check "one line" [ "$(wc -l <"$err")" -eq 1 ]

lab_case "a proxy answers for hosts behind it"
lab_in a ip route add 198.51.100.0/24 dev eth0
tool_run a -c1 --check 198.51.100.2
check_status 0
check_records "summary.owners == [\"$(documented fe)\"] and finds(\"proxy-arp\")"
tool_run a -c1 --check 192.0.2.11
check_records 'finds("proxy-arp") | not'
tool_run a --rate 500 --check 198.51.100.2-198.51.100.30
check_records "finds(\"proxy-arp\") and (found(\"proxy-arp\") | map(.mac) | unique == [\"$(documented fe)\"])"
tool_run a -c1 --no-check 198.51.100.2
check_records 'finds("proxy-arp") | not'

lab_case "a proxy that takes its time, as they do"
lab_in r sh -c 'echo 80 >/proc/sys/net/ipv4/neigh/eth0/proxy_delay'
tool_run a -c2 --check 198.51.100.2
check_records "summary.owners == [\"$(documented fe)\"] and finds(\"proxy-arp\")"

lab_case "two interfaces of one host answer for each other's addresses"
tool_run a -c2 -i0.1 192.0.2.31 192.0.2.32
check_records 'finds("flux") and (finds("conflict") | not)'
check_records 'summaries | length == 2 and all((.owners | sort) == ["'"$(documented 31)"'", "'"$(documented 32)"'"])'

lab_case "and one that does not"
tool_run a -c2 -i0.1 192.0.2.33 192.0.2.34
check_status 0
check_records 'clean and (summaries | map(.owners) == [["'"$(documented 33)"'"], ["'"$(documented 34)"'"]])'

check_arping_law
lab_done
