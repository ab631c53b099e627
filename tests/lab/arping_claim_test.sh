#!/usr/bin/env bash
# diag-arping --dad, -U, -A and --defend: every verdict, over both families, and the procedure of RFC 5227 and RFC 4862 as
# tshark sees it. All runs at once, since each takes seconds by the standard.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"
command -v tshark >/dev/null || lab_skip "tshark is not installed"

mine=$(documented 01) stranger=$(documented ee)
lab_up troubles
lab_hosts a "mac=$mine" from=192.0.2.129/28 from=2001:db8:4::1/64 \
  192.0.2.131=good 2001:db8:4::131=good 192.0.2.132=probe 2001:db8:4::132=probe \
  192.0.2.133=good+good=00.00.5e.00.53.ee 2001:db8:4::133=good+good=00.00.5e.00.53.ee 192.0.2.134=loop 2001:db8:4::134=loop \
  192.0.2.135=silent*2/good 192.0.2.136=announce 2001:db8:4::136=announce 192.0.2.137=hlen-255 2001:db8:4::137=bad-checksum \
  192.0.2.138=tagged 192.0.2.139=asked-by-stranger \
  192.0.2.141,announced=silent/announce=00.00.5e.00.53.ee/silent 192.0.2.142,announced=announce=00.00.5e.00.53.ee
lab_capture a tap0 "$LAB_TMP/claims.pcap" 'arp or icmp6 or vlan'
capture=$lab_pid

claim() { tool_start "$1" a -I tap0 "${@:2}"; }
claim free4 --dad 192.0.2.130
claim free6 --dad 2001:db8:4::130
claim used4 --dad 192.0.2.131
claim used6 --dad 2001:db8:4::131
claim wanted4 --dad 192.0.2.132
claim wanted6 --dad 2001:db8:4::132
claim two4 --dad 192.0.2.133
claim loop4 --dad 192.0.2.134
claim loop6 --dad 2001:db8:4::134
claim third4 --dad 192.0.2.135
claim announced4 --dad 192.0.2.136
claim announced6 --dad 2001:db8:4::136
claim forged4 --dad 192.0.2.137
claim forged6 --dad 2001:db8:4::137
claim leak4 --dad 192.0.2.138
claim asked4 --dad 192.0.2.139
claim announce4 -U -c2 192.0.2.143
claim announce-reply4 -A -c1 192.0.2.144
claim announce6 -U -c1 2001:db8:4::143
claim announce-override6 -A -c1 2001:db8:4::144
claim both4 --dad --announce request 192.0.2.145
claim cut4 --dad -w 0.5 192.0.2.146
claim defend4 --defend -w 13 192.0.2.141
claim lost4 --defend -w 13 192.0.2.142
for device in down0 noarp0 dark0 tun0 lo nothere; do tool_start "on-$device" a -I "$device" --dad 198.51.100.60; done
tool_start bare a -I bare0 --dad 198.51.100.51
tool_start bare-used a -I bare0 --dad 198.51.100.50
tool_start gone a -I gone0 --dad 198.51.100.70
tool_start gone6 a -I gone0 --dad 2001:db8:3::70 198.51.100.71
sleep 0.9  # before the soonest end of a claim: a second of silence
lab_in a ip link delete gone0
tool_wait
lab_stop "$capture"

verdict() { # verdict NAME STATUS VERDICT CONDITION
  tool_of "$1"
  check_status "$2"
  check_records "is(\"$3\") and ${4:-true}"
}
lab_case "free: silence"
verdict free4 0 free 'summary.sent == 3 and (summary | has("owners") | not) and (events("claim") | map(select(.step == "probed")) | map(.number) == [1, 2, 3])'
verdict free6 0 free 'summary.sent == 1 and summary.elapsed_ms >= 1000'
verdict asked4 0 free
verdict leak4 0 free 'refused("wrong-vlan")'
verdict forged4 0 free 'refused("bad-arp-header")'
verdict forged6 0 free 'refused("bad-checksum")'

lab_case "in use: somebody answers, to the first probe or the last"
verdict used4 1 in-use "summary.owners == [\"$(documented 83)\"] and number(\"objection\") >= 1 and summary.sent == 1"
verdict used6 1 in-use "summary.owners == [\"$(documented 31)\"]"
verdict third4 1 in-use "summary.sent == 3 and summary.owners == [\"$(documented 87)\"]"
verdict announced4 1 in-use "summary.owners == [\"$(documented 88)\"]"
verdict announced6 1 in-use "summary.owners == [\"$(documented 36)\"]"

lab_case "conflict: another wants it too"
verdict wanted4 1 conflict 'any(events("objection")[]; .kind == "probe" and .mac == "'"$stranger"'")'
verdict wanted6 1 conflict 'number("objection") >= 1'

lab_case "two owners: the first is enough"
tool_of two4
check_status 1
check_records '(is("in-use") or is("conflict")) and summary.owners[0] == "'"$(documented 85)"'"'

lab_case "our own probe comes back: no opponent"
verdict loop4 0 free summary.looped
verdict loop6 0 free summary.looped

lab_case "cannot tell: the run was cut short, or the link does not carry it"
verdict cut4 3 cannot-tell
for device in down0 noarp0 dark0 tun0 lo nothere; do
  tool_of "on-$device"
  check_status 3
  check "it says why: $device" [ "$(wc -l <"$err")" -eq 1 ]
  check_records 'all(.[]; .verdict != "free")'
done
lab_case "the interface goes away half-way: never called free"
verdict gone 3 cannot-tell 'any(events("link")[]; .up == false or .gone) and (summary.reason == "interface-down" or summary.reason == "interface-gone")'
tool_of gone6
check_status 3
check_records 'summaries | length == 2 and all(.verdict == "cannot-tell")'

lab_case "an interface without an address can ask for one"
verdict bare 0 free
verdict bare-used 1 in-use

# frames FILTER FIELD...: what we sent, one line a frame
frames() { fields "$LAB_TMP/claims.pcap" "eth.src == $mine && ($1)" "${@:2}" >"$out"; }
lab_case "RFC 5227 section 2.1.1: three probes from 0.0.0.0, one to two seconds apart"
frames 'arp.dst.proto_ipv4 == 192.0.2.130' arp.opcode arp.src.proto_ipv4 arp.dst.hw_mac arp.src.hw_mac eth.dst
check "three of them" [ "$(wc -l <"$out")" -eq 3 ]
check "each right" [ "$(grep -cE "^1\|0\.0\.0\.0\|00:00:00:00:00:00\|$mine\|ff:ff:ff:ff:ff:ff\$" "$out")" -eq 3 ]
frames 'arp.dst.proto_ipv4 == 192.0.2.130' frame.time_epoch
check "the gaps are right" awk 'NR > 1 && ($1 - last < 0.99 || $1 - last > 2.1) { exit 1 } { last = $1 }' "$out"

lab_case "RFC 4862 section 5.4.2: from ::, to the group of the address, no link-layer address"
frames 'icmpv6.nd.ns.target_address == 2001:db8:4::130' ipv6.src ipv6.dst ipv6.hlim icmpv6.checksum.status eth.dst
check_out '^::\|ff02::1:ff00:130\|255\|1\|33:33:ff:00:01:30$'
frames 'icmpv6.nd.ns.target_address == 2001:db8:4::130' icmpv6.opt.type
check_no_out '(^|,)1(,|$)'

lab_case "announcements: sender and target are the address, to everyone"
frames 'arp.src.proto_ipv4 == 192.0.2.143' arp.opcode arp.dst.proto_ipv4 eth.dst
check "two requests" [ "$(grep -cE '^1\|192\.0\.2\.143\|ff:ff:ff:ff:ff:ff$' "$out")" -eq 2 ]
frames 'arp.src.proto_ipv4 == 192.0.2.144' arp.opcode arp.dst.proto_ipv4 eth.dst
check_out '^2\|192\.0\.2\.144\|ff:ff:ff:ff:ff:ff$'
for number in 3 4; do  # -U without the override flag, -A with it
  frames "icmpv6.nd.na.target_address == 2001:db8:4::14$number" ipv6.dst ipv6.hlim icmpv6.nd.na.flag.s icmpv6.nd.na.flag.o icmpv6.opt.linkaddr icmpv6.checksum.status
  check_out "^ff02::1\|255\|(0|False)\|$([ "$number" = 3 ] && echo '(0|False)' || echo '(1|True)')\|$mine\|1\$"
done
for name in announce4 announce-reply4 announce6 announce-override6; do
  tool_of "$name"
  check_status 0
done

lab_case "free, then announced: two announcements, two seconds apart"
tool_of both4
check_status 0
check_records 'is("free") and (events("claim") | map(.step) == ["probed", "probed", "probed", "announced", "announced"])'
frames 'arp.src.proto_ipv4 == 192.0.2.145' frame.time_epoch
check "two" [ "$(wc -l <"$out")" -eq 2 ]
check "two seconds apart" awk 'NR == 2 && ($1 - last < 1.95 || $1 - last > 2.2) { exit 1 } { last = $1 }' "$out"

lab_case "RFC 5227 section 2.4 (b): defended once"
tool_of defend4
check_records 'events("claim") | map(select(.step == "defended")) | length == 1'
check_records 'any(events("objection")[]; .mac == "'"$stranger"'") and number("summary") == 1'
lab_case "and given up when the other insists"
tool_of lost4
check_status 1
check_records 'is("conflict") and any(events("claim")[]; .step == "gave-up")'
lab_done
