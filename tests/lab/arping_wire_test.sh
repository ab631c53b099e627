#!/usr/bin/env bash
# The frames of diag-arping as another reads them: tshark, over what --pcap wrote and what arrived at the far side; and its
# times against the capture's.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"
command -v tshark >/dev/null || lab_skip "tshark is not installed"

lab_up bridge8
mine=$(documented 01)
# on_wire NAME OPTIONS...: a run, what h1 sees of it in far.pcap, what it wrote itself in own.pcap
on_wire() {
  lab_capture h1 eth0 "$LAB_TMP/far.pcap" "ether src $mine or ether src $(documented 99)"
  local capture=$lab_pid
  tool_run a --pcap "$LAB_TMP/own.pcap" "$@"
  lab_stop "$capture"
}
both() { # both PATTERN FILTER FIELD...: the far side and our own capture read alike
  local file
  for file in far own; do
    fields "$LAB_TMP/$file.pcap" "$2" "${@:3}" >"$out"
    check_out "$1"
  done
}

lab_case "a request: RFC 826"
on_wire -c2 -i0.1 192.0.2.11
both "^$mine\|ff:ff:ff:ff:ff:ff\|0x0*806\|1\|0x0*800\|6\|4\|1\|$mine\|192\.0\.2\.1\|00:00:00:00:00:00\|192\.0\.2\.11\$" \
  'arp.opcode == 1 && arp.dst.proto_ipv4 == 192.0.2.11' eth.src eth.dst eth.type arp.hw.type arp.proto.type arp.hw.size arp.proto.size \
  arp.opcode arp.src.hw_mac arp.src.proto_ipv4 arp.dst.hw_mac arp.dst.proto_ipv4
fields "$LAB_TMP/far.pcap" 'arp.opcode == 1 && eth.dst == ff:ff:ff:ff:ff:ff' frame.len >"$out"
check "two of 60 octets" [ "$(grep -c '^60$' "$out") $(wc -l <"$out")" = "2 2" ]

lab_case "our own records agree with the capture: count, owner, time"
tool_of_last() { cp "$tool_kept/run-$tool_runs.json" "$out"; }
fields "$LAB_TMP/own.pcap" 'arp.opcode == 2 && arp.src.proto_ipv4 == 192.0.2.11' arp.src.hw_mac >"$LAB_TMP/owners"
tool_of_last
check_records "summary.sent == 2 and (first_answers | length == 2 and all(.mac == \"$(documented 11)\"))"
check "the same owner" [ "$(sort -u "$LAB_TMP/owners")" = "$(documented 11)" ]

# off_by TARGET OPTIONS...: rtt_ms against the frames' times in a capture of our own interface; nanoseconds
off_by() {
  local how=$1 capture
  shift
  lab_capture a eth0 "$LAB_TMP/truth.pcap" 'arp or icmp6'
  capture=$lab_pid
  tool_run a -c 60 -i0.02 --no-check "$@"
  lab_stop "$capture"
  fields "$LAB_TMP/truth.pcap" "${how/MINE/$mine}" frame.time_epoch eth.src >"$LAB_TMP/frames"
  read -r matched median worst < <(python3 - "$out" "$LAB_TMP/frames" "$mine" <<'END2'
import json, sys
from decimal import Decimal
asked, truth = None, []
for line in open(sys.argv[2]):
    when, who = line.strip().split("|")
    when = int(Decimal(when) * 10**9)
    if who == sys.argv[3]:
        asked = when
    elif asked is not None:
        truth.append(when - asked)
        asked = None
records = [json.loads(line) for line in open(sys.argv[1])]
said = [round(one["rtt_ms"] * 1e6) for one in records if one["event"] == "reply"]
off = sorted(abs(a - b) for a, b in zip(said, truth)) if len(said) == len(truth) else []
print(len(off), off[len(off) // 2] if off else 0, off[-1] if off else 0)
END2
  )
}
for target in 192.0.2.12 2001:db8::12; do
  lab_case "times from the kernel's stamps: $target"
  off_by '(arp.dst.proto_ipv4 == 192.0.2.12 || arp.src.proto_ipv4 == 192.0.2.12) || icmpv6.nd.ns.target_address == 2001:db8::12 || icmpv6.nd.na.target_address == 2001:db8::12' "$target"
  check "all matched: $matched" [ "$matched" -eq 60 ]
  check "the median is $median ns off" [ "$median" -lt 20000 ]
  printf '%s: median %d ns, worst %d ns\n' "$target" "$median" "$worst"
  check_records 'all(answers[]; .rtt_source == "socket" and .pairing == "certain")'
done

lab_case "a solicitation: RFC 4861 section 4.3"
on_wire -c1 2001:db8::11
both "^$mine\|33:33:ff:00:00:11\|2001:db8::1\|ff02::1:ff00:11\|255\|135\|0\|1\|$mine\$" 'icmpv6.nd.ns.target_address == 2001:db8::11 && eth.dst[0] == 33' \
  eth.src eth.dst ipv6.src ipv6.dst ipv6.hlim icmpv6.type icmpv6.code icmpv6.checksum.status icmpv6.opt.linkaddr

lab_case "alone once the owner is known"
on_wire -c3 -i0.05 --unicast --no-check 192.0.2.11
fields "$LAB_TMP/far.pcap" 'arp.opcode == 1' eth.dst >"$out"
check "one to everyone, two to it" [ "$(uniq -c "$out" | awk '{ print $1, $2 }' | xargs)" = "1 ff:ff:ff:ff:ff:ff 2 $(documented 11)" ]
on_wire -c3 -i0.05 --unicast --no-check 2001:db8::11
fields "$LAB_TMP/far.pcap" 'icmpv6.nd.ns.target_address == 2001:db8::11' eth.dst ipv6.dst >"$out"
check "one to the group, two to it" [ "$(uniq -c "$out" | awk '{ print $1, $2 }' | xargs)" = "1 33:33:ff:00:00:11|ff02::1:ff00:11 2 $(documented 11)|2001:db8::11" ]

lab_case "by default each of a series goes to everyone"
on_wire -c3 -i0.05 --no-check 192.0.2.11
fields "$LAB_TMP/far.pcap" 'arp.opcode == 1' eth.dst >"$out"
check "three to everyone" [ "$(uniq -c "$out" | awk '{ print $1, $2 }' | xargs)" = "3 ff:ff:ff:ff:ff:ff" ]

lab_case "tags: VLAN and priority; with two the outer one is a service tag"
on_wire -c1 -W0.1 --vlan 5.3 192.0.2.11
both '^0x0*8100\|5\|3\|0x0*806\|192\.0\.2\.11$' 'vlan' eth.type vlan.id vlan.priority vlan.etype arp.dst.proto_ipv4
on_wire -c1 -W0.1 --vlan 5.3 --vlan 7.1 192.0.2.11
both '^0x0*88a8$' 'vlan || ieee8021ad' eth.type
both '^192\.0\.2\.11$' 'arp' arp.dst.proto_ipv4
fields "$LAB_TMP/far.pcap" arp ieee8021ad.id vlan.id vlan.priority >"$out"
check_out '^(5\|7\||\|?5,7\|)'

lab_case "LLC and SNAP, LLC alone, another ethertype"
on_wire -c1 -W0.1 --framing snap 192.0.2.11
both '^[0-9]+\|0xaa\|0xaa\|0x0*3\|.*0x0*806\|192\.0\.2\.11$' 'llc' eth.len llc.dsap llc.ssap llc.control llc.type arp.dst.proto_ipv4
on_wire -c1 -W0.1 --framing llc 192.0.2.11
both '^[0-9]+\|0x98\|0x98' 'llc' eth.len llc.dsap llc.ssap
on_wire -c1 -W0.1 --ethertype 0x9999 192.0.2.11
both '^0x0*9999$' 'eth.type == 0x9999' eth.type

lab_case "whose address we give: none, another, another hardware"
on_wire -c1 -S 0.0.0.0 192.0.2.11
both '^0\.0\.0\.0\|192\.0\.2\.11$' 'arp.opcode == 1' arp.src.proto_ipv4 arp.dst.proto_ipv4
on_wire -c1 -W0.1 --source-mac "$(documented 99)" 192.0.2.11
both "^$(documented 99)\|$(documented 99)\$" 'arp.opcode == 1' eth.src arp.src.hw_mac
on_wire -c1 --dest-mac "$(documented 11)" 192.0.2.11
both "^$(documented 11)\|192\.0\.2\.11\$" 'arp.opcode == 1' eth.dst arp.dst.proto_ipv4

lab_case "RARP (RFC 903) and InARP (RFC 2390)"
on_wire -W0.1 -c1 -I eth0 --rarp "$(documented 11)"
both "^0x0*8035\|3\|$(documented 11)\$" 'arp' eth.type arp.opcode arp.dst.hw_mac
on_wire -W0.1 -c1 -I eth0 --inarp "$(documented 11)"
both "^0x0*806\|8\|$mine\|192\.0\.2\.1\$" 'arp.opcode == 8' eth.type arp.opcode arp.src.hw_mac arp.src.proto_ipv4

lab_case "nothing malformed, no bad checksum in anything so far"
on_wire -c1 192.0.2.11 2001:db8::12
for file in far own; do
  fields "$LAB_TMP/$file.pcap" '_ws.malformed || icmpv6.checksum.status == 0' frame.number >"$out"
  check "all whole: $file" [ ! -s "$out" ]
done

lab_case "--packets tells the same frames"
lab_run a "$TOOL" -c1 --packets --no-check 192.0.2.11
check_out 'ARP.*192\.0\.2\.11'

lab_case "the kernel's table of neighbours is left alone"
lab_in a ip neigh flush dev eth0
tool_run a --rate 2000 192.0.2.0/24
lab_in a ip neigh show dev eth0 >"$out"
check_no_out '192\.0\.2\.'
check_arping_law
lab_done
