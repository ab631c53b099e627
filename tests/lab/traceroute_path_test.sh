#!/usr/bin/env bash
# diag-traceroute over real kernels whose addresses are known: chains, diamonds, firewalls, narrow links, loops, two ways back.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/traceroute_lib.sh"

lab_up chain10
all=(r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 b)
lab_start b "$LAB_DIR/tcp_server.py" 443=open
lab_start a "$LAB_DIR/hold_stamps.py"
for family in 4 6; do
  where=$(target "$family" 1)
  for method in '' -U '-p 40000' -I '-T -p443' '-T -p81' '--ack -p443' '-q1 -N4' '--flows 4 -q1'; do
    lab_case "ten routers, IPv$family, ${method:-udp}"
    # shellcheck disable=SC2086
    tool_run a -n $method "$where"
    check_status 0
    check_records "path == $(along "$family" 10 "$where") and clean and summary.reached and summary.hops == 11 and summary.why == \"reached\""
    check_records 'all(hops[]; .probes | all(.rtt_ms > 0 and .rtt_ms < 1000))'
    check_records 'all(hops[].probes[]; .ttl >= 50 and (.state == "reached") == (.reason != "hop-limit-exceeded"))'
  done
  tool_run a -n "$where"
  check_records 'all(hops[]; .probes | length == 3) and summary.sent <= 63 and summary.answered == summary.sent'
done

lab_case "a port that is open, one that is closed"
tool_run a -n -T -p443 "$(target 4 1)"
check_records 'hop(11).probes | all(.state == "reached" and .reason == "syn-ack")'
tool_run a -n -T -p81 "$(target 4 1)"
check_records 'hop(11).probes | all(.state == "reached" and .reason == "reset")'

lab_case "the text has the shape that people know"
lab_run a "$TOOL" -n "$(target 4 1)"
check_status 0
check_out '^diag-traceroute to 198\.51\.100\.1( \(198\.51\.100\.1\))?, 30 hops max, 60 byte packets'
check_out '^ 1  192\.0\.2\.1  [0-9.]+ ms  [0-9.]+ ms  [0-9.]+ ms$'
check_out '^11  198\.51\.100\.1  [0-9.]+ ms  [0-9.]+ ms  [0-9.]+ ms$'
check_out '^reached 198\.51\.100\.1 at hop 11 in [0-9.]+ ms'
check "eleven rows in order" [ "$(sed -n 's/^ *\([0-9]*\)  .*/\1/p' "$out" | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 9 10 11 " ]
printf '192.0.2.1 gw.example\n198.51.100.1 host.example\n' >"$LAB_TMP/hosts"
named() { lab_run a unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$LAB_TMP/hosts" "$TOOL" "$@"; }
named host.example
check_out '^diag-traceroute to host\.example \(198\.51\.100\.1\)'
check_out '^ 1  gw\.example \(192\.0\.2\.1\)  '
check_out '^11  host\.example \(198\.51\.100\.1\)  '

lab_case "without privilege"
unprivileged=$(bare_tool)
without() { lab_run a "${bare[@]}" "$unprivileged" "$@"; }
for family in 4 6; do
  where=$(target "$family" 1)
  without --json -n "$where"
  cp "$out" "$tool_kept/bare-$family.json"
  check_status 0
  check_records "path == $(along "$family" 10 "$where") and summary.reached and (summary.method_note | length > 0)"
  lab_in a sh -c 'echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range'
  without --json -n -I "$where"
  cp "$out" "$tool_kept/bare-echo-$family.json"
  check_status 0
  check_records "path == $(along "$family" 10 "$where") and summary.reached"
  lab_in a sh -c 'echo 1 0 >/proc/sys/net/ipv4/ping_group_range'
  for what in -I -T --ack --mda '--flows 4' '--locate 80' "--pcap $LAB_TMP/none.pcap"; do
    # shellcheck disable=SC2086
    without -n $what "$where"
    check_status 3
    check "one line that says what is lacking, for $what" [ "$(wc -l <"$err")" -le 2 ]
    check_err '(CAP_NET_RAW|cap_net_raw|ping_group_range)'
  done
done

lab_case "hops that are asked, and no others"
tool_run a -n -q1 -f9 "$(target 4 1)"
check_records '(hops | map(.hop) == [9, 10, 11]) and summary.reached'
tool_run a -n -q1 -m5 "$(target 4 1)"
check_status 1
check_records '(hops | map(.hop) == [1, 2, 3, 4, 5]) and (summary.reached | not) and summary.why == "last-hop" and summary.stopped_after == 5'

lab_case "256 targets in one process"
mapfile -t many < <(seq -f '198.51.100.%g' 0 255)
lab_run a "$TOOL" --json -n -q1 "${many[@]}"
cp "$out" "$tool_kept/many.json"
check_status 0
check_records "number(\"summary\") == 256 and all(events(\"summary\")[]; .reached and .hops == 11 and (.findings // []) == [])"
check_records "$(along 4 10 x) as \$way | group_by(.target) | all(.[]; (map(select(.event == \"hop\")) | map(.probes[0].address)) == \$way[:10] + [.[0].target])"
lab_run a "$TOOL" --json -n -q1 198.51.100.0/24
check_records 'number("summary") == 256'
probes=$(jq -s 'map(.sent // 0) | add' "$tool_kept/many.json")
lab_run a "$TOOL" --json -n -q1 --doubletree "${many[@]}"
cp "$out" "$tool_kept/doubletree.json"
check_status 0
check_records "$(along 4 10 x) as \$way | group_by(.target) | all(.[]; (map(select(.event == \"hop\")) | map(.probes[0].address)) == \$way[:10] + [.[0].target])"
check "--doubletree asks less than half as much as $probes: $(jq -s 'map(select(.event == "summary").sent) | add' "$out")" \
  [ "$(jq -s 'map(select(.event == "summary").sent) | add' "$out")" -lt $((probes / 2)) ]
check_records '[hops[] | select(.known)] | length > 1000'

lab_case "two silent hops"
for node in r4 r7; do rules "$node" 'table inet mute { chain c { type filter hook output priority 0; icmp type time-exceeded drop; icmpv6 type time-exceeded drop; }; }'; done
for family in 4 6; do
  where=$(target "$family" 1)
  for method in '' -I '-T -p443'; do
    # shellcheck disable=SC2086
    tool_run a -n $method "$where"
    check_status 0
    check_records "path == ($(along "$family" 10 "$where") | .[3] = \"*\" | .[6] = \"*\") and silent(4) and silent(7) and clean and summary.elapsed_ms < 300"
  done
done
lab_run a "$TOOL" -n "$(target 4 1)"
check_out '^ 4  \* \* \*$'
for node in r4 r7; do no_rules "$node" inet mute; done

lab_case "a target that says nothing"
rules b 'table inet deaf { chain c { type filter hook input priority 0; udp dport 33434 drop; }; }'
for family in 4 6; do
  where=$(target "$family" 1)
  tool_run a -n -W1 "$where"
  check_status 1
  check_records "(summary.reached | not) and summary.hops == 10 and (path | .[:10]) == ($(along "$family" 10 "$where") | .[:10]) and summary.elapsed_ms < 1500"
done
lab_run a "$TOOL" -n -W0.3 "$(target 4 1)"
check_out '^not reached: nothing answers beyond hop 10 \(192\.0\.2\.37\)'
no_rules b inet deaf

lab_case "--report: ICMP that is limited is no loss"
report=(-n --report 30 --interval 0.05)
tool_start limits-off a "${report[@]}" "$(target 4 1)"
tool_wait
tool_of limits-off
check_records 'all(hops[]; .loss == "none" and .loss_percent == 0 and .sent == 30)'
icmp_limits on "${all[@]}"
for method in -I -T; do tool_start "limits-4$method" a "${report[@]}" "$method" "$(target 4 1)"; done
for method in -I -T; do tool_start "limits-6$method" a "${report[@]}" "$method" "$(target 6 1)"; done
tool_wait
for method in -I -T; do
  for family in 4 6; do
    lab_case "--report: ICMP that is limited is no loss, IPv$family $method"
    tool_of "limits-$family$method"
    check_status 0
    check_records 'all(hops[]; .loss == "none" or .loss == "rate-limited") and hop(11).loss_percent == 0 and hop(11).loss == "none"'
  done
done
tool_of limits-4-T
check_records 'any(hops[]; .loss == "rate-limited" and .loss_percent > 30)'
lab_case "a plain trace of many targets where ICMP is limited"
lab_run a "$TOOL" --json -n -q1 "${many[@]:0:64}"
cp "$out" "$tool_kept/many-limited.json"
check_records 'all(events("summary")[]; all((.findings // [])[]; .finding == "rate-limited" or .finding == "target-silent"))'
icmp_limits off "${all[@]}"

lab_case "--report: loss that goes on is loss, and where it begins"
report=(-n --report 400 --interval 0.006 -W 0.3)
rules r5 'table inet loss { chain c { type filter hook forward priority 0; iifname "eth0" numgen random mod 10 == 0 drop; }; }'
tool_start loss-udp a "${report[@]}" "$(target 4 1)"
tool_start loss-6 a "${report[@]}" -I "$(target 6 1)"
tool_wait
for run in loss-udp loss-6; do
  tool_of "$run"
  check_records 'all(hops[]; if .hop <= 5 then .loss == "none" else .loss == "forwarding-loss" or .loss == "unclear" end)'
  check_records '[hops[] | select(.loss == "forwarding-loss")] | length >= 3 and all(.[]; .forwarding_loss_percent > 4 and .forwarding_loss_percent < 16)'
done
no_rules r5 inet loss
rules r3 'table inet loss { chain c { type filter hook output priority 0; icmp type time-exceeded numgen random mod 10 < 3 drop; }; }'
tool_run a "${report[@]}" "$(target 4 1)"
check_records 'all(hops[]; if .hop == 3 then .loss == "rate-limited" and .loss_percent > 10 else .loss == "none" end)'
no_rules r3 inet loss

lab_case "an answer in the target's place"
tool_run a -n -q1 2001:db8:f::99
check_status 1
check_records 'finds("answers-for-target") and (found("answers-for-target")[0] | .hop == 11 and .address == "2001:db8:0:11::1")'

lab_case "--save and --expect"
tool_run a -n -q1 --save "$LAB_TMP/good" "$(target 4 1)"
check_status 0
tool_run a -n -q1 --expect "$LAB_TMP/good" "$(target 4 1)"
check_status 0
check_records 'summary.expected == true and number("change") == 0'

lab_up diamond
near() { if [ "$1" = 4 ]; then echo "192.0.2.$((8 * $2 - 3))"; else echo "2001:db8:0:$2::1"; fi; }  # of the middle
set_of() { # set_of FAMILY N...: a sorted JSON array
  local family=$1 each said=
  for each in "${@:2}"; do said+="\"$(near "$family" "$each")\", "; done
  echo "([${said%, }] | sort)"
}
for family in 4 6; do
  join=192.0.2.9 entry=192.0.2.129
  [ "$family" = 4 ] || { join=2001:db8:0:11::1 entry=2001:db8:0:21::1; }
  lab_case "a flow takes one way, IPv$family"
  for width in 1 2 3 4; do
    tool_run a -n -q8 "$(target "$family" "$width")"
    check_status 0
    check_records 'all(hops[]; .probes | map(.address) | unique | length == 1) and (finds("several-addresses") | not) and summary.reached'
  done
  lab_case "--mda names every way, IPv$family"
  for case in '1 1' '2 1 2' '4 1 2 3 4'; do
    read -r width ways <<<"$case"
    # In five runs of a hundred a way may be missed, by the rule: of twelve runs so many that a wrong rule shows.
    found=0
    for run in {1..12}; do
      tool_run a -n --mda "$(target "$family" "$width")"
      # shellcheck disable=SC2086
      tool_records "(hop(2).nodes | map(.address) | sort) == $(set_of "$family" $ways)" && found=$((found + 1))
      # shellcheck disable=SC2086
      check_records "(hop(2).nodes | map(.address)) - $(set_of "$family" $ways) == []"
    done
    check "all $width ways were found $found times of 12" [ "$found" -ge 8 ]
    check_status 0
    check_records "(hop(1).nodes | map(.address)) == [\"$entry\"]"
    check_records "(hop(4).nodes | map(.address)) == [\"$(target "$family" "$width")\"] and summary.reached and summary.complete and all(hops[].nodes[]; .per_packet | not)"
    check_records "(hop(1).nodes[0].next | sort) == (hop(2).nodes | map(.address) | sort)"
  done
  lab_case "--mda names ways of unequal length, IPv$family"
  for run in {1..12}; do
    tool_run a -n --mda "$(target "$family" 3)"
    tool_records 'hop(2).nodes | length == 2' && break
  done
  check_status 0
  check_records "(hop(2).nodes | map(.address) | sort) == $(set_of "$family" 1 4) and (hop(3).nodes | map(.address) | index(\"$(near "$family" 5)\") != null)
                 and (hop(4).nodes | map(.address) | index(\"$(target "$family" 3)\") != null) and summary.reached"
  lab_case "--flows shows them beside each other, IPv$family"
  tool_run a -n -q1 --flows 64 "$(target "$family" 4)"
  check_status 0
  check_records "(hop(2).probes | map(.address) | unique) == $(set_of "$family" 1 2 3 4) and (hop(2).probes | map(.flow) | sort) == [range(1; 65)]"
  check_records 'found("several-paths") | length >= 1 and .[0].hop == 2'
  lab_case "a hop at which flows meet again is one node, IPv$family"
  [ "$family" = 6 ] || check_records "hop(3).probes | map(.address) | unique == [\"$join\"]"
done
lab_run a "$TOOL" -n --flows 64 -q1 --dot "$LAB_TMP/paths.dot" "$(target 4 4)"
check "the graph has every node" [ "$(grep -cE '192\.0\.2\.(5|13|21|29)\b.*label' "$LAB_TMP/paths.dot")" -ge 4 ]
lab_case "--expect: a path that has changed"
tool_run a -n -q1 --save "$LAB_TMP/good" "$(target 4 1)"
lab_in r1 ip route replace 198.51.100.1/32 via 192.0.2.13
tool_run a -n -q1 --expect "$LAB_TMP/good" "$(target 4 1)"
check_status 1
check_records 'number("change") == 1 and (events("change")[0] | .hop == 2 and .expected == ["192.0.2.5"] and .seen == ["192.0.2.13"]) and summary.expected == false'

lab_up middleboxes
lab_start b "$LAB_DIR/tcp_server.py" 443=open 139=open 445=open 446=open 3389=open
lab_start b python3 -c 'import socket
kept = []
for family, port in ((socket.AF_INET, 161), (socket.AF_INET6, 161)):
    kept.append(socket.socket(family, socket.SOCK_DGRAM))
    family == socket.AF_INET6 and kept[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    kept[-1].bind(("", port))
print("listening", flush=True)
kept[0].recv(1)'
for family in 4 6; do
  at() { hop "$family" "$1"; }
  to() { target "$family" "$1"; }
  lab_case "no finding where nothing is odd, IPv$family"
  for method in '' -I '-T -p443'; do
    # shellcheck disable=SC2086
    tool_run a -n -q1 $method "$(to 1)"
    check_status 0
    check_records "path == $(along "$family" 5 "$(to 1)") and clean"
  done
  lab_case "a NAT that translates quotes back leaves no trace, IPv$family"
  tool_run a -n -q1 "$(to 10)"
  check_records "path == $(along "$family" 5 "$(to 10)") and summary.reached"
  lab_case "a NAT that does not, IPv$family"
  for method in '' -I '-T -p443'; do
    # shellcheck disable=SC2086
    tool_run a -n -q1 $method "$(to 11)"
    check_status 0
    check_records "path == $(along "$family" 5 "$(to 11)") and (found(\"nat\") | length >= 1 and .[0].hop == 3 and .[0].other_hop == 2)"
    check_records "probe(4).rewritten.source.seen_address == \"$([ "$family" = 4 ] && echo 203.0.113.9 || echo 2001:db8:5::9)\""
  done
  lab_case "an MSS clamp, IPv$family"
  tool_run a -n -q1 -T -p443 "$(to 20)"
  check_records "path == $(along "$family" 5 "$(to 20)")"
  check_records "found(\"changed\") | map(select(.field == \"mss\")) | length == 1 and (.[0] | .hop == 4 and .other_hop == 3 and .sent == $([ "$family" = 4 ] && echo 1460 || echo 1440) and .seen == 1200)"
  lab_case "a DSCP that is taken out, IPv$family"
  for method in '' -I '-T -p443'; do
    # shellcheck disable=SC2086
    tool_run a -n -q1 --dscp 46 $method "$(to 30)"
    check_records 'found("changed") | length == 1 and (.[0] | .field == "traffic_class" and .hop == 4 and .other_hop == 3 and .sent == 184 and .seen == 0)'
  done
  tool_run a -n -q1 --tos 186 "$(to 31)"
  check_records 'found("changed") | length == 1 and (.[0] | .hop == 4 and .sent == 186 and .seen == 0)'

  lab_case "--mtu: a narrow link and the router before it, IPv$family"
  tool_run a -n --mtu "$(to 40)"
  check_status 0
  check_records "summary | .path_mtu == 1400 and (has(\"black_hole_after\") | not) and .reached"
  check_records "[hops[].mtu] == [1500, 1500, 1500, 1400, 1400, 1400] and (hop(4) | .limited_by == \"$(at 3)\" and .limited_at == 3)"
  lab_case "--mtu: a router that does not say so, IPv$family"
  tool_run a -n --mtu "$(to 41)"
  check_status 1
  check_records "summary | .path_mtu == 1400 and .black_hole_after == 3 and .smallest_lost == 1401"
  lab_case "--mtu: nothing is narrow, IPv$family"
  tool_run a -n --mtu "$(to 1)"
  check_status 0
  check_records 'summary.path_mtu == 1500 and ([hops[].mtu] == [1500, 1500, 1500, 1500, 1500, 1500])'

  lab_case "two routers that send it to each other, IPv$family"
  tool_run a -n -q1 "$(to 50)"
  check_status 1
  check_records "(summary.reached | not) and finds(\"loop\") and (hops | length <= 30) and probe(4).address == \"$(at 4)\""

  lab_case "another way back, IPv$family"
  tool_run a -n -q1 -s "$([ "$family" = 4 ] && echo 203.0.113.1 || echo 2001:db8:5::1)" "$(to 1)"
  check_status 0
  check_records 'found("longer-return") | length == 1 and .[0].other_hop == 2 and .[0].count == 3'

  three=$(at 3) four=$(at 4)
  locate() { # locate PORT STATUS SENTENCE CONDITION [OPTIONS...]
    lab_case "--locate $1 ${*:5}, IPv$family"
    tool_run a -n --locate "$1" "${@:5}" "$(to 1)"
    check_status "$2"
    check_records "located | ($4)"
    check "the record's sentence begins: $3" grep -qF -- "\"sentence\":\"$3" "$out"
    lab_run a "$TOOL" -n --locate "$1" "${@:5}" "$(to 1)"
    check_status "$2"
    check "the text has the sentence: $3" grep -qF -- "$3" "$out"
  }
  locate 445 1 "tcp/445 is dropped after hop 3 ($three); tcp/443 passes to the target at hop 6" \
    ".verdict == \"dropped\" and .after_hop == 3 and .address == \"$three\" and .port == 445 and .protocol == \"tcp\" and .control.port == 443 and .control.hop == 6"
  locate 446 1 "tcp/446 is dropped after hop 4 ($four); tcp/443 passes to the target at hop 6" \
    ".verdict == \"dropped\" and .after_hop == 4 and .address == \"$four\""
  locate 161 1 "udp/161 is dropped after hop 3 ($three); tcp/443 passes to the target at hop 6" \
    ".verdict == \"dropped\" and .after_hop == 3 and .protocol == \"udp\"" -U
  lab_case "--locate: who rejects, IPv$family"
  tool_run a -n --locate 3389 "$(to 1)"
  check_status 1
  check_records "located | .verdict == \"rejected\" and .at_hop == 4 and .address == \"$four\" and .reason == \"admin-prohibited\""
  check_records "located.sentence | test(\"^tcp/3389 is rejected .*hop 4 .*$four\")"
  tool_run a -n --locate 139 "$(to 1)"
  check_status 1
  check_records 'located | .verdict == "rejected" and .reason != "admin-prohibited" and .control.hop == 6'
  check_records 'located.sentence | test("^tcp/139 is re(jected|set) .*hop (4|5)")'
  lab_case "--locate: what passes, IPv$family"
  tool_run a -n --locate 443 "$(to 1)"
  check_status 0
  check_records 'located | .verdict == "passes" and .at_hop == 6'
  lab_case "--locate: several ports at once, IPv$family"
  tool_run a -n --locate 139,443,445,446,3389 "$(to 1)"
  check_status 1
  check_records 'events("locate") | map(.verdict) == ["rejected", "passes", "dropped", "dropped", "rejected"]'
done

lab_case "no way out of this host"
lab_in a ip route add unreachable 198.18.20.0/24
tool_run a -n 198.18.20.1
check_status 3
check_records 'summary.reason == "no-route" and summary.sent == 0'

check_traceroute_law
lab_done
