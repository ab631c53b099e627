#!/usr/bin/env bash
# What this host itself refuses diag-ping: never called loss, always said with its cause (fault list, L1 to L10).
# shellcheck disable=SC2016  # jq's dollars
. "$(dirname "$0")/ping_lib.sh"

# not_sent REASON ERRNO OPTIONS...: nothing leaves node a, and that is our part.
not_sent() {
  ping_run a -c2 -i0.05 -W0.3 "${@:3}"
  check_status 3
  check_records "number(\"error\") == 2 and all(events(\"error\")[]; .reason == \"$1\" and .errno == \"$2\")"
  check_records 'summary | .sent == 2 and .not_sent == 2 and .lost == 0 and .state == "error" and (has("loss_percent") | not)'
}
lab_up - <<'END'
host a
host b
link a 192.0.2.1/24 2001:db8::1/64 - b 192.0.2.2/24 2001:db8::2/64
anyip b 198.18.0.0/24
route a 198.18.0.0/24 via 192.0.2.2
route a blackhole 198.51.100.0/28
route a unreachable 198.51.100.16/28
route a prohibit 198.51.100.32/28
route a throw 198.51.100.48/28
sysctl a net.ipv6.conf.eth0.keep_addr_on_down=1
END

lab_case "L1: our own firewall"
lab_in a nft -f - <<<'table inet f { chain c { type filter hook output priority 0; ip daddr 198.18.0.1 drop; ip6 daddr 2001:db8::2 drop; }; }'
not_sent local-firewall EPERM 198.18.0.1
not_sent local-firewall EPERM 2001:db8::2
lab_run a "$PING" -c1 -W0.3 198.18.0.1
check_status 3
check "the text names the cause" grep -qi 'firewall' "$out" "$err"
ping_run a -c1 198.18.0.2
check_status 0
lab_in a nft flush ruleset

lab_case "L2: routes that refuse"
not_sent blackhole-route EINVAL 198.51.100.1
not_sent no-route EHOSTUNREACH 198.51.100.17
not_sent prohibited-route EACCES 198.51.100.33
not_sent no-route ENETUNREACH 198.51.100.49
not_sent no-route ENETUNREACH 203.0.113.1
not_sent no-route ENETUNREACH 2001:db8:ffff::1
lab_run a "$PING" -c1 -W0.3 198.51.100.1
check "no bare 'Invalid argument'" [ "$(cat "$out" "$err" | grep -c 'Invalid argument$')" -eq 0 ]
check "the text names the blackhole" grep -qi 'blackhole' "$out" "$err"

lab_case "L3: a broadcast address without -b"
lab_run a "$PING" -c1 -W0.3 192.0.2.255
check_status 3
check "the text says what to do" grep -qE -- '-b' "$err" "$out"

lab_case "L4: larger than the link with Don't Fragment"
not_sent message-too-long EMSGSIZE -M "do" -s 3000 192.0.2.2
ping_run a -c1 -M dont -s 3000 192.0.2.2
check_status 0
check_records 'events("reply")[0].size == 3008'

lab_case "L5: a neighbour that does not answer ARP"
lab_in a sh -c 'echo 50 >/proc/sys/net/ipv4/neigh/eth0/retrans_time_ms'
lab_in a sh -c 'echo 50 >/proc/sys/net/ipv6/neigh/eth0/retrans_time_ms'
ping_run a -c1 -W2 192.0.2.77
check_status 1
check_records 'failed("host-unreachable") and (events("error")[0] | .from == "192.0.2.1" and .icmp_type == 3 and .icmp_code == 1)
               and summary.errors == 1 and summary.state == "unreachable"'
ping_run a -c1 -W2 2001:db8::77
check_status 1
check_records 'failed("host-unreachable") and (events("error")[0] | .from == "2001:db8::1" and .icmp_type == 1 and .icmp_code == 3)'

lab_case "L6: the link goes down and up in the run"
ping_start flap a -c 20 -i0.1 -W0.2 192.0.2.2
sleep 0.55
lab_in a ip link set eth0 down
sleep 0.6
lab_in a ip link set eth0 up
ping_wait
ping_of flap
check_status 0
check_records 'summary | .sent == 20 and .not_sent >= 3 and .received >= 5 and .received + .lost + .errors + .not_sent == 20'
check_records 'any(.[]; .event == "error" and has("errno"))'

lab_case "L7: the interface is deleted in the run"
lab_in a ip link add probe0 type veth peer name probe1
lab_in a ip address add 203.0.113.1/24 dev probe0
lab_in a ip link set probe0 up
lab_in a ip link set probe1 up
ping_start deleted a -c 8 -i0.1 -W0.1 -I probe0 203.0.113.9
sleep 0.35
lab_in a ip link delete probe0
ping_wait
ping_of deleted
check "it ends by the table, status $status" [ "$status" -eq 1 -o "$status" -eq 3 ]
check_records 'summary | .sent == 8 and .not_sent >= 3'

lab_case "L8: the source address is removed in the run"
lab_in a ip address add 192.0.2.9/24 dev eth0
ping_start source a -c 8 -i0.1 -W0.1 -S 192.0.2.9 192.0.2.2
sleep 0.35
lab_in a ip address delete 192.0.2.9/24 dev eth0
ping_wait
ping_of source
check_status 0
check_records 'summary | .sent == 8 and .received >= 2 and .received + .not_sent + .lost == 8'

lab_case "L9: a full queue of our own is no loss"
# 1 Mbit/s, and room for three of these packets: without another try nearly all would be gone.
lab_in a tc qdisc add dev eth0 root tbf rate 1mbit burst 2000 limit 3000
ping_run a -c 60 -i0.001 -W2 -s 600 192.0.2.2
check_records 'summary | .lost == 0 and .sent == 60 and .received + .not_sent == 60 and .received > 10'
check_records 'all(events("error")[]; .reason == "local-queue-full" and .errno == "ENOBUFS")'
lab_in a tc qdisc delete dev eth0 root

lab_case "L10: no privilege and no ICMP socket allowed"
bare=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
chmod 711 "$LAB_TMP"
install -m 755 "$PING" "$LAB_TMP/diag-ping"
lab_in a sh -c 'echo "1 0" >/proc/sys/net/ipv4/ping_group_range'
lab_run a "${bare[@]}" "$LAB_TMP/diag-ping" -c1 192.0.2.2
check_status 3
check "one line" [ "$(wc -l <"$err")" -eq 1 ]
check_err '^diag-ping: .*(CAP_NET_RAW|setcap|ping_group_range)'
check_no_out .

lab_case "L10: no privilege and ICMP datagram sockets allowed"
lab_in a sh -c 'echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range'
for target in 192.0.2.2 2001:db8::2; do
  lab_run a "${bare[@]}" "$LAB_TMP/diag-ping" --json -c3 -i0.05 "$target"
  cp "$out" "$ping_kept/datagram-$target.json"
  check_status 0
  check_records 'number("reply") == 3 and summary.received == 3 and (events("reply") | all(.ttl == 64 and .size == 64))'
  # The kernel begins to stamp a moment after the first socket asks for it: the first answer may miss it.
  check_records 'events("reply") | all(.rtt_source == "socket" or .seq == 1)'
done
for target in 192.0.2.77 2001:db8::77; do
  lab_run a "${bare[@]}" "$LAB_TMP/diag-ping" --json -c1 -W2 "$target"
  cp "$out" "$ping_kept/datagram-$target.json"
  check_status 1
  check_records 'failed("host-unreachable") and summary.errors == 1'
done
lab_run a "${bare[@]}" "$LAB_TMP/diag-ping" -c1 --timestamp 192.0.2.2
check_status 3
check_err 'CAP_NET_RAW'
lab_run a "${bare[@]}" "$LAB_TMP/diag-ping" --flood -c3 192.0.2.2
check_status 2
lab_run a "${bare[@]}" "$LAB_TMP/diag-ping" -i 0.001 -c3 192.0.2.2
check_status 2

lab_case "the capability in the file"
lab_in a sh -c 'echo "1 0" >/proc/sys/net/ipv4/ping_group_range'
caps=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if setcap cap_net_raw+p "$LAB_TMP/diag-ping" 2>/dev/null; then
  lab_run a "${caps[@]}" "$LAB_TMP/diag-ping" --json -c2 -i0.05 192.0.2.2
  check_status 0
  check_records 'summary.received == 2'
  lab_start a "${caps[@]}" "$LAB_TMP/diag-ping" -i 0.2 -W 0.2 192.0.2.2
  capabilities=$(grep -E '^(Cap(Prm|Eff|Amb)|NoNewPrivs|Seccomp):' "/proc/$lab_pid/status")
  check "none are left while it runs: $capabilities" \
    [ "$(printf '%s\n' "$capabilities" | tr -d '\t ' | tr '\n' ,)" = \
    "CapPrm:0000000000000000,CapEff:0000000000000000,CapAmb:0000000000000000,NoNewPrivs:1,Seccomp:2," ]
  lab_stop "$lab_pid"
fi

lab_case "root's run keeps nothing either"
lab_start a "$PING" -i 0.2 -W 0.2 192.0.2.2
capabilities=$(grep -E '^(Cap(Prm|Eff)|NoNewPrivs|Seccomp):' "/proc/$lab_pid/status")
check "none are left while it runs: $capabilities" \
  [ "$(printf '%s\n' "$capabilities" | tr -d '\t ' | tr '\n' ,)" = \
  "CapPrm:0000000000000000,CapEff:0000000000000000,NoNewPrivs:1,Seccomp:2," ]
lab_stop "$lab_pid"

check_ping_law
lab_done
