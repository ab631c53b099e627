#!/usr/bin/env bash
# What diag-traceroute makes of wrong, strange and hostile answers: the project's fault list, T1 to T28, over IPv4 and IPv6.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/traceroute_lib.sh"
tool_at_once=3  # a responder that is busy looks like a slow router
WORDS+='
  def address: $ENV.address;
  def hex: (. % 16 | "0123456789abcdef"[.:. + 1]) as $low | if . < 16 then $low else (. / 16 | floor | hex) + $low end;
  def router(number): if $ENV.family == "4" then "203.0.113.\(number)" else "2001:db8:c::\(number | hex)" end;
  def honest(length): [range(1; length) | router(.)] + [address];
  def but(gap): [range(1; 5) | if . == gap then "*" else router(.) end] + [address];
'

# A row is one target behind a path of its own, traced once by a process of its own:
#   row FAMILIES NAME PATH STATUS CONDITION [OPTIONS...]     PATH as for path_responder.py, CONDITION as for check_records
names=() families=() paths=() wanted=() conditions=() options=()
row() {
  families+=("$1") names+=("$2") paths+=("$3") wanted+=("$4") conditions+=("$5")
  options+=("${*:6}")  # none of them holds a blank
}
every() { # as row, by each method
  row "$1" "udp, $2" "${@:3}"
  row "$1" "icmp, $2" "${@:3}" -I
  row "$1" "tcp, $2" "${@:3}" -T
}
whole='path == honest(5) and summary.reached and summary.hops == 5'
gap='path == but(3) and summary.reached and summary.hops == 5 and silent(3)'

every 46 "an honest path" 5 0 "$whole and clean and summary.why == \"reached\""
row 46 "udp to a fixed port" 5 0 "$whole and clean" -U
row 46 "tcp, an ACK" 5,t:reset 0 "$whole and clean" --ack
row 46 "three probes a hop" 5 0 "$whole and clean and all(hops[]; .probes | length == 3)" -q3
row 46 "two silent routers" 6,3:silent,4:silent 0 'path == [router(1), router(2), "*", "*", router(5), address] and clean'

every 46 "T1: no quote" 5,3:no-quote 0 "$gap and refused(\"bad-quote\")"
every 4 "T2: a quote whose header is said to be 60 octets long" 5,3:quote-ihl=15 0 "$gap"
every 4 "T2: a quote whose header is said to be 8 octets long" 5,3:quote-ihl=2 0 "$gap"
every 6 "T2: a quote of another IP version" 5,3:quote-ihl=4 0 "$gap"
every 46 "T4: a quote of another protocol" 5,3:quote-protocol=132 0 "$gap"
every 46 "T5: a quote of somebody else's probe" 5,3:quote-foreign 0 "$gap"
# What our own token proves was rewritten on the way.
row 46 "T5: a quote to another port" 5,3:quote-port 0 "$whole and (probe(3).rewritten | has(\"destination_port\"))"
row 46 "T5: a quote to another destination" 5,3:quote-destination 0 "$whole and (probe(3).rewritten.destination | has(\"seen_address\"))"
every 46 "T5: a quote of no probe we sent" 5,3:quote-number 0 "$gap"
row 46 "T5: the same, then the answer" 5,3:quote-number+honest 0 "$whole"
every 4 "T6: IP options in the quote" 5,3:quote-options 0 "$whole"

mended='probe(3).rewritten | has("source") and .source.seen_address != .source.sent_address'
every 46 "T7: our address rewritten" 5,3-4:nat 0 "$whole and ($mended) and finds(\"nat\")"
row 46 "T7: udp, our address and port rewritten" 5,3-4:nat-port 0 "$whole and ($mended)"
row 46 "T7: icmp, our address and identifier rewritten" 5,3-4:nat-port 0 "$whole and ($mended)" -I
row 4 "T7: tcp, our address and port rewritten" 5,3-4:nat-port 0 "$whole and ($mended)" -T
row 6 "T7: tcp, the same where no identification vouches for the sequence number" 5,3:nat-port 0 "$gap" -T
every 46 "T7: another transport checksum" 5,3:quote-checksum 0 "$whole"
row 46 "the DSCP taken out between hops 2 and 3" 5,3-t:quote-class=0 0 \
  "$whole and (found(\"changed\") | length == 1 and (.[0] | .hop == 3 and .other_hop == 2 and .field == \"traffic_class\" and .sent == 184 and .seen == 0))" --dscp 46
row 46 "a quoted hop limit of two: a tunnel that counts its hops" 5,3:quote-ttl=2 0 "$whole and finds(\"implicit-tunnel\")"
row 46 "a router that forwards what has expired" 5,3:quote-ttl=0@4 0 'summary.reached and probe(3).address == router(4) and finds("zero-hop-limit") and (finds("loop") or finds("repeated-hop") | not)'

row 46 "an MPLS label" 5,3:ext=mpls 0 "$whole and (probe(3).mpls | length == 1 and (.[0] | .label == 16001 and .tc == 5 and .ttl == 1))"
row 46 "an MPLS label behind a quote that does not say its length" 5,3:ext=legacy 0 "$whole and (probe(3).mpls[0].label == 16001)"
row 46 "two MPLS labels" 5,3:ext=mpls-two 0 "$whole and (probe(3).mpls | map(.label) == [16001, 24005])"
row 46 "an interface" 5,3:ext=interface 0 "$whole and (probe(3).interface | length == 1 and (.[0] | .role == \"incoming\" and .index == 17 and .address == router(77) and .name == \"ge-0/0/1\" and .mtu == 9000))"
row 46 "two interfaces" 5,3:ext=interfaces 0 "$whole and (probe(3).interface | map(.role) == [\"incoming\", \"outgoing\"])"
row 46 "an object of a kind unknown" 5,3:ext=unknown 0 "$whole and (probe(3).objects | length == 1 and (.[0] | test(\"^247/1:cafebabe$\")))"
row 46 "an object of a kind unknown behind a label" 5,3:ext=mpls-unknown 0 "$whole and (probe(3).mpls[0].label == 16001) and (probe(3).objects | length == 1)"
for kind in checksum-0 empty; do row 46 "T8: an extension that is odd, and no lie: $kind" "5,3:ext=$kind" 0 "$whole and (probe(3).bad_extension | not)"; done
for kind in object-0 object-3 object-6 object-long object-65535 object-good-then-0 version checksum cut interface-cut \
  interface-name-lies; do
  row 46 "T8: an extension that lies: $kind" "5,3:ext=$kind" 0 "$whole and probe(3).bad_extension == true and finds(\"bad-extension\")"
done
for kind in object-4 object-thousand length-lies length-short interface-name-0 interface-family interface-hostile; do
  row 46 "T8: an extension that is strange: $kind" "5,3:ext=$kind" 0 "$whole"
done
row 46 "T9: a label stack without end" 5,3:ext=mpls-endless 0 "$whole and (probe(3).mpls | length <= 100)"

row 46 "T10: port unreachable from a router is not the target" 60,3-59:refuse=@3 1 \
  '(summary.reached | not) and finds("answers-for-target")'
row 46 "T10: the same, and the target behind it" 5,3:port-unreachable 0 "$whole and probe(3).state == \"unreachable\""
row 46 "T11: the target answers nearer than a router" 7,5:target,6:exceeded 0 'summary.reached and summary.hops == 5'
row 46 "T12: an answer four times" 5,3:twice=3 0 "$whole and summary.duplicates >= 1 and (hop(3).probes | length == 1)"
row 46 "T12: the target's answer four times" 5,t:twice=3 0 "$whole"
row 4 "T13: the same router at every hop" 60,1-59:exceeded-from=203.0.113.9 1 '(finds("repeated-hop") or finds("loop")) and (summary.reached | not)'
row 6 "T13: the same router at every hop" 60,1-59:exceeded-from=2001:db8:c::9 1 '(finds("repeated-hop") or finds("loop")) and (summary.reached | not)'
turn() { for ((at = 3; at < 60; at++)); do printf ',%d:exceeded-from=%s' "$at" "$([ $((at % 2)) = 0 ] && echo "$1" || echo "$2")"; done; }
row 4 "T13: two routers take turns for ever" "60$(turn 203.0.113.8 203.0.113.9)" 1 'finds("loop") and (summary.reached | not) and (hops | length <= 30)'
row 6 "T13: two routers take turns for ever" "60$(turn 2001:db8:c::8 2001:db8:c::9)" 1 'finds("loop") and (summary.reached | not)'
row 4 "T14: a hop answers from two addresses" 5,3:exceeded-from=203.0.113.8/exceeded-from=203.0.113.9 0 \
  '(hop(3).probes | map(.address) | unique == ["203.0.113.8", "203.0.113.9"]) and finds("several-addresses")' -q3
row 4 "a router that answers from another address" 5,3:exceeded-from=198.18.0.9 0 'probe(3).address == "198.18.0.9" and summary.reached and clean'
row 46 "T17: an answer that arrives with hop limit 255" 5,3:arrives=255 0 "$whole and probe(3).ttl == 255 and (finds(\"longer-return\") | not)"
row 46 "T17: an answer that arrives with hop limit 0" 5,3:arrives=0 0 "$whole and (finds(\"longer-return\") | not)"
row 46 "T18: time exceeded in reassembly is no hop" 5,3:exceeded=1 0 'summary.reached and finds("reassembly")'
row 4 "T19: an answer of 64 KB" 5,3:huge 0 "$whole"
row 46 "T20: an open port" 5 0 "$whole and (hop(5).probes | all(.state == \"reached\" and (.tcp_flags | test(\"SYN.*ACK\")) and .reason == \"syn-ack\"))" -T -p443
row 46 "T20: a closed port" 5,t:reset 0 "$whole and (hop(5).probes | all(.state == \"reached\" and .reason == \"reset\"))" -T -p443
row 46 "T20: a port that is refused" 60,4-59:refuse=1@3 1 '(summary.reached | not) and probe(4).state == "unreachable" and probe(4).address == router(3)' -T -p443
row 46 "T21: from the third hop" 5 0 'path == [router(3), router(4), address] and (hops | map(.hop) == [3, 4, 5])' -f3
row 46 "T21: from beyond the target" 5 0 'summary.reached and (hops | length == 1)' -f9
row 46 "T21: one hop" 5 1 'path == [router(1)] and summary.why == "last-hop" and summary.stopped_after == 1' -m1
row 46 "T21: three hops" 5 1 'path == [router(1), router(2), router(3)] and summary.why == "last-hop"' -m3
row 46 "T21: as many hops as there can be" 200 0 'summary.reached and summary.hops == 200 and path == honest(200)' -m255
row 46 "T23: silence" 60,1-t:silent 1 '(summary.reached | not) and summary.answered == 0 and all(hops[]; .probes | all(.state == "silent")) and summary.elapsed_ms < 1500' -W0.2
row 46 "T23: silence from the fourth hop on" 60,4-t:silent 1 '(summary.reached | not) and summary.hops == 3 and summary.why == "silence" and summary.elapsed_ms < 800' -W0.4
every 46 "T28: a target that answers nobody, on a path that is whole" 5,t:silent 1 '(summary.reached | not) and summary.hops == 4'
row 46 "T28: a target that answers echo requests alone: UDP" 5,t:only=echo 1 '(summary.reached | not)'
row 46 "T28: a target that answers echo requests alone: ICMP" 5,t:only=echo 0 "$whole" -I
row 46 "a target that answers once" 5,t:honest/silent 0 'summary.reached and summary.hops == 5' -q3
# An honest code comes for every probe that goes further than the router that refuses.
codes4=(net-unreachable host-unreachable protocol-unreachable port-unreachable fragmentation-needed source-route-failed
  net-unreachable host-unreachable other-unreachable admin-prohibited admin-prohibited net-unreachable host-unreachable
  admin-prohibited other-unreachable other-unreachable)
codes6=(net-unreachable admin-prohibited beyond-scope host-unreachable port-unreachable source-address-failed route-rejected)
refusal='(summary.reached | not) and probe(3).state == "time-exceeded" and (probe(4) | .state == "unreachable" and .address == router(3) and .icmp_code == $code)'
for code in "${!codes4[@]}"; do
  row 4 "T22: code $code" "60,4-59:refuse=$code@3" 1 "$code as \$code | $refusal and (probe(4).reason | test(\"unreachable|prohibited|failed|needed\"))"
done
for code in "${!codes6[@]}"; do row 6 "T22: code $code" "60,4-59:refuse=$code@3" 1 "$code as \$code | $refusal and probe(4).reason == \"${codes6[code]}\""; done

row 46 "T27: a black hole for what is longer than 1400 octets" 5,4-t:hole=1400 1 \
  'summary | .path_mtu == 1400 and .black_hole_after == 3 and .smallest_lost == 1401' --mtu
row 46 "a link of 1400 octets, and a router that says so" 5,4-t:narrow=1400 0 \
  'summary.path_mtu == 1400 and (hop(4) | .mtu == 1400 and .limited_by == router(3) and .limited_at == 3)' --mtu
report=(--report 20 --interval 0.04)
row 46 "T16: a hop that answers once a second is not lossy" 5,3:limited=1 0 \
  'hop(3).loss == "rate-limited" and all(hops[]; .hop == 3 or .loss == "none")' "${report[@]}"
row 46 "T15: a hop that answers when its round is over" 5,3:slow=0.1 0 \
  'hop(3) | .received == 0 and .late >= 15 and .loss != "forwarding-loss"' "${report[@]}" -W0.06
row 4 "T26: the path changes" 5,3:exceeded-from=203.0.113.8*10/exceeded-from=203.0.113.9 0 \
  'hop(3).addresses | map(.address) == ["203.0.113.8", "203.0.113.9"] and .[0].last < .[1].first' "${report[@]}"

address_of() { target "$2" "$(($1 + 1))"; }
answers=()
for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] && answers+=("$(address_of "$index" "$family")=${paths[index]/refuse=@/refuse=$([ "$family" = 4 ] && echo 3 || echo 4)@}")
  done
done
check "no more rows than addresses: ${#names[@]}" [ "${#names[@]}" -le 250 ]
lab_up - <<<'host a'
lab_paths a 198.51.100.0/24 2001:db8:f::/64 from=192.0.2.1 from=2001:db8::1 "${answers[@]}"

for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    words=(-n)
    [[ ${options[index]} =~ -q|--report|--mtu ]] || words+=(-q1)
    # shellcheck disable=SC2206
    words+=(${options[index]})
    tool_start "row-$index-$family" a "${words[@]}" "$(address_of "$index" "$family")"
  done
done
tool_wait
for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    lab_case "IPv$family, ${names[index]} (${paths[index]:0:60}, ${options[index]})"
    tool_of "row-$index-$family"
    check_status "${wanted[index]}"
    family=$family address=$(address_of "$index" "$family") check_records "${conditions[index]}"
    check "nothing is said on stderr" [ ! -s "$err" ]
  done
done

lab_case "T3: quotes of every length from 0 to 128 octets"
cuts=()
for ((octets = 0; octets <= 128; octets++)); do cuts+=("198.18.0.$octets=3,2:quote-cut=$octets" "2001:db8:e::$octets=3,2:quote-cut=$octets"); done
lab_paths a 198.18.0.0/24 2001:db8:e::/64 from=192.0.2.3 from=2001:db8::3 "${cuts[@]}"
for family in 4 6; do
  least=$([ "$family" = 4 ] && echo 28 || echo 48)
  prefix=$([ "$family" = 4 ] && echo 198.18.0. || echo 2001:db8:e::)
  for method in '' -I -T; do
    lab_case "T3: quotes of every length from 0 to 128 octets, IPv$family ${method:-udp}"
    size=()
    [ "$method" = -T ] || size=(--size 140)
    # shellcheck disable=SC2086,SC2046
    tool_run a -n -q1 $method "${size[@]}" $(seq -f "$prefix%g" 0 128)
    check_status 0
    check_records "number(\"summary\") == 129 and all(events(\"summary\")[]; .reached and .hops == 3)"
    check_records "[hops[] | select(.hop == 2 and .probes[0].state == \"time-exceeded\") | .target] as \$seen
      | [range($least; 129) | \"$prefix\\(.)\"] as \$whole | (\$seen | sort) == (\$whole | sort)"
    check_records "(events(\"rejected\") | map(select(.reason == \"bad-quote\")) | length) >= $((least - 8))"  # one that ends near the IPv6 header names nobody
  done
done

lab_case "hostile names of interfaces stay within their line"
for index in "${!names[@]}"; do [[ ${paths[index]} == *interface-hostile* ]] && hostile=$(address_of "$index" 4); done
lab_run a "$TOOL" -n -e -q1 "$hostile"
check_status 0
check "no control octet" [ "$(tr -d '\n' <"$out" | LC_ALL=C grep -cP '[\x00-\x1f\x7f]')" -eq 0 ]
lab_run a "$TOOL" -n -e -q1 198.51.100.250
check "a row a hop" [ "$(grep -cE '^ *[0-9]+  ' "$out")" -eq 5 ]

lab_case "T24 T25: reverse names that are hostile, and one that takes ten seconds"
printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:1\n' >"$LAB_TMP/resolv.conf"
lab_start a "$LAB_DIR/name_server.py" 203.0.113.1=gw.example '203.0.113.2=evil\x1b[2J.example' '203.0.113.3=10:slow.example' \
  '203.0.113.4=a\x0ab.example' 198.51.100.251=host.example
named() { lab_run a unshare -m sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$LAB_TMP/resolv.conf" "$TOOL" "$@"; }
began=$(date +%s%N)
named -q1 198.51.100.251
took=$((($(date +%s%N) - began) / 1000000))
check_status 0
check "it does not wait ten seconds for a name: $took ms" [ "$took" -lt 6000 ]
check_out '^ *1  gw\.example \(203\.0\.113\.1\)  '
check_out '^ *2  .*203\.0\.113\.2'
check_out '^ *3  .*203\.0\.113\.3'
check_out '^ *5  host\.example \(198\.51\.100\.251\)  '
check "no control octet" [ "$(tr -d '\n' <"$out" | LC_ALL=C grep -cP '[\x00-\x1f\x7f]')" -eq 0 ]
began=$(date +%s%N)
named -q1 --quiet 198.51.100.251
took=$((($(date +%s%N) - began) / 1000000))
check "a check looks up no names: $took ms" [ "$took" -lt 800 ]
named -q1 --json 198.51.100.251
check_records 'probe(1).name == "gw.example" and summary.elapsed_ms < 1000'

check_traceroute_law
lab_done
