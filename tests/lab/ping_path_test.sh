#!/usr/bin/env bash
# diag-ping across routers, bad lines and multicast, against the truth of the wire's own counters.
# shellcheck disable=SC2016  # jq's dollars
. "$(dirname "$0")/ping_lib.sh"

lab_case "a firewall on the way says so"
lab_up three-hosts
for family in 4 6; do
  if [ "$family" = 4 ]; then target=203.0.113.1 from=192.0.2.254 said='[3, 13]'; else target=2001:db8:0:3::1 from=2001:db8:0:1::fe said='[1, 1]'; fi
  ping_run a -c2 -i0.05 -W3 "$target"
  check_status 1
  check_records "number(\"error\") == 2 and (events(\"error\")[0] | .from == \"$from\" and [.icmp_type, .icmp_code] == $said and .reason == \"admin-prohibited\")
                 and summary.state == \"unreachable\" and summary.errors == 2 and summary.loss_percent == 100"
done
lab_run a "$PING" -c1 203.0.113.1
check_out '^From 192\.0\.2\.254 icmp_seq=1 .*[Pp]rohibited'

lab_case "the hop limit ends at the router"
ping_run a -c1 -t1 198.51.100.1
check_records 'failed("hop-limit-exceeded") and events("error")[0].from == "192.0.2.254"'
ping_run a -c1 2001:db8:0:2::1
check_status 0
check_records 'events("reply")[0].ttl == 63'

lab_case "--mtu: a router tells the limit"
mtu_below() { lab_in r1 ip link set eth1 mtu "$1"; lab_in b ip link set eth0 mtu "$1"; }
mtu_below 1400
for target in 198.51.100.1 2001:db8:0:2::1; do
  lab_run a "$PING" --json --mtu -W0.5 "$target"
  check_status 0
  check_records 'summary | .path_mtu == 1400 and .black_hole == false'
done
lab_in a ip route flush cache
lab_in a ip -6 route flush cache

lab_case "--mtu: a black hole is called one"
lab_in r1 nft -f - <<<'table inet hole { chain c { type filter hook output priority 0; icmp type destination-unreachable drop; icmpv6 type packet-too-big drop; }; }'
for target in 198.51.100.1 2001:db8:0:2::1; do
  lab_run a "$PING" --json --mtu -W0.08 "$target"
  check_status 1
  check_records 'summary | .path_mtu == 1400 and .black_hole == true'
done
lab_run a "$PING" --mtu -W0.08 198.51.100.1
check_out 'is 1400 octets: BLACK HOLE'
lab_in r1 nft delete table inet hole

lab_case "--until up: a link that comes up; --until down: one that goes"
lab_in b ip link set eth0 down
ping_start up a --until up:2 -i0.1 -W0.1 -w 15 198.51.100.1
sleep 0.6
lab_in b ip link set eth0 up
lab_in b ip route replace default via 198.51.100.254
ping_wait
ping_of up
check_status 0
check_records 'summary.received >= 2 and summary.received <= 4 and summary.lost + summary.errors >= 2'
ping_start down a --until down:2 -i0.1 -W0.1 -w 15 198.51.100.1
sleep 0.6
lab_in b ip link set eth0 down
ping_wait
ping_of down
check_status 0
check_records 'summary.received >= 2 and summary.lost + summary.errors >= 2'
lab_in b ip link set eth0 up
lab_in b ip route replace default via 198.51.100.254
ping_run a --until up:3 -i0.05 -W0.05 -w 0.5 198.51.100.77
check_status 1

lab_case "--timestamp: the clock of the other namespace is ours"
ping_run a -c1 -W3 198.51.100.1 # neighbours are known from here on
lab_run a "$PING" --json --timestamp -c3 -i0.05 198.51.100.1
cp "$out" "$ping_kept/timestamp.json"
check_status 0
check_records 'summary.received == 3 and (summary.clock_offset_ms | . > -3 and . < 3)'

lab_case "--all-addresses: every address of a name, and a name that has none"
printf '%s two.example\n' 198.51.100.1 192.0.2.254 2001:db8:0:1::fe >"$LAB_TMP/hosts"
named() { lab_run a unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$LAB_TMP/hosts" "$PING" --json -c1 -W3 "$@"; }
named --all-addresses two.example
cp "$out" "$ping_kept/all-addresses.json"
check_status 0
check_records '(events("summary") | map(.address) | sort) == ["192.0.2.254", "198.51.100.1", "2001:db8:0:1::fe"]'
check_records 'all(.[]; .target == "two.example")'
named two.example
check_records 'number("summary") == 1'
named -4 two.example
check_records 'summary.address == "198.51.100.1" or summary.address == "192.0.2.254"'
named none.invalid two.example
check_status 3
check_err '^diag-ping: .*none\.invalid'
check_records 'number("summary") == 2 and any(.[]; .target == "none.invalid" and .state == "error" and .sent == 0)'

lab_case "-b: a broadcast is answered by all, each told by its address"
lab_up - <<'END'
host a
host b
host c
switch s
link a 192.0.2.1/24 - s
link b 192.0.2.2/24 - s
link c 192.0.2.3/24 - s
sysctl b net.ipv4.icmp_echo_ignore_broadcasts=0
sysctl c net.ipv4.icmp_echo_ignore_broadcasts=0
END
ping_run a -b -c2 -i0.3 -I eth0 192.0.2.255
check_status 0
check_records 'summary | .received == 2 and .duplicates >= 1'
check_records '[events("reply")[], events("duplicate")[]] | map(.from) | unique == ["192.0.2.2", "192.0.2.3"]'

lab_case "multicast to all nodes of the link, and link-local addresses with their scope"
ping_run a -c2 -i0.3 ff02::1%eth0
check_status 0
check_records '[events("reply")[], events("duplicate")[]] | map(.from | split("%")[0]) | unique | length >= 2'
neighbour=$(lab_in b ip -6 -o address show dev eth0 scope link | awk '{ sub("/.*", "", $4); print $4 }')
ping_run a -c1 "$neighbour%eth0"
check_status 0
check_records 'summary.received == 1 and (summary.address | startswith("fe80:"))'
ping_run a -c1 -I eth0 "$neighbour"
check_status 0

# The wire's account after the run: field NAME of the line of DIRECTION.
wire_said() { sed -nE "s/^wire-1 $1 .*\\<$2=([0-9]+).*/\\1/p" "$LAB_TMP/wires"; }
on_wire() { printf 'host a\nhost b\nwire a 192.0.2.1/24 - b 192.0.2.2/24 %s\n' "$*" | lab_up -; }
after_wire() { "$LAB_DIR/topology" wires >"$LAB_TMP/wires"; }

lab_case "a wire that loses: as many as it says"
on_wire loss=10% delay=2ms seed=11
ping_run a -c 300 -i0.003 -W0.3 192.0.2.2
after_wire
lost=$(($(wire_said a-to-b lost) + $(wire_said b-to-a lost)))
check "the wire lost some: $lost" [ "$lost" -gt 20 ]
check_records "summary.lost == $lost and summary.received == 300 - $lost and summary.duplicates == 0"
check_records 'summary.loss_bursts.longest >= 1 and (summary.outages | map(.lost) | add) == summary.lost'

lab_case "a wire that doubles: as many as it says"
on_wire dup=0%/10% delay=2ms seed=12
ping_run a -c 200 -i0.003 -W0.3 192.0.2.2
after_wire
check "the wire doubled some" [ "$(wire_said b-to-a doubled)" -gt 5 ]
check_records "summary | .received == 200 and .lost == 0 and .duplicates <= $(wire_said b-to-a doubled) and .duplicates >= $(wire_said b-to-a doubled) - 1"

lab_case "a wire that holds packets back: reordered or late"
on_wire reorder=0%/10% reorder-by=40ms seed=13
ping_run a -c 200 -i0.003 -W0.5 192.0.2.2
after_wire
held=$(wire_said b-to-a held_back)
check "the wire held some back: $held" [ "$held" -gt 5 ]
check_records "summary | .received == 200 and .late == 0 and .reordered <= $held and .reordered >= $held - 2"
check_records "(events(\"reply\") | map(select(.rtt_ms > 39)) | length) == $held"
on_wire reorder=0%/10% reorder-by=80ms seed=13
ping_run a -c 200 -i0.003 -W0.06 192.0.2.2
after_wire
held=$(wire_said b-to-a held_back)
check_records "summary | .lost == $held and .late <= $held and .received == 200 - $held"
check_records 'summary.late > 0 and all(events("late")[]; .rtt_ms >= 80)'

lab_case "a wire with jitter: the figures are plausible"
on_wire delay=10ms jitter=4ms seed=14
ping_run a -c 100 -i0.005 -W1 192.0.2.2
# The wire is a program that has to be woken: the middle is its doing, the worst may be the scheduler's.
check_records 'summary | .received == 100 and .rtt_ms.min >= 12 and .rtt_ms.p50 > 17 and .rtt_ms.p50 < 24'
check_records 'summary | .jitter_ms > 0.5 and .rtt_ms.stddev > 0.5'

lab_case "a wire that damages: refused or marked, never a clean answer"
on_wire corrupt=0%/20% seed=15
ping_run a -c 100 -i0.005 -W0.3 192.0.2.2
after_wire
damaged=$(wire_said b-to-a damaged)
check "the wire damaged some: $damaged" [ "$damaged" -gt 5 ]
check_records "summary | .received <= 100 - $damaged + 2 and .lost >= $damaged - 2"

check_ping_law
lab_done
