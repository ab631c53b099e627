#!/usr/bin/env bash
# The truth table of diag-tcp: what stands between two hosts, and what is said of it. Real stacks, real firewalls.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/tcp_lib.sh"

network_of() {
  case $1-$2 in
    4-b) echo 203.0.113.1 ;; 4-c) echo 198.18.1.1 ;; 4-r1) echo 192.0.2.254 ;; 4-r2) echo 198.51.100.2 ;; 4-r3) echo 198.18.3.254 ;;
    4-none) echo 198.18.10.1 ;; 4-never) echo 198.18.11.1 ;; 4-hole) echo 198.18.12.1 ;; 4-gone) echo 203.0.113.99 ;;
    6-b) echo 2001:db8:0:3::1 ;; 6-c) echo 2001:db8:0:4::1 ;; 6-r1) echo 2001:db8:0:1::fe ;; 6-r2) echo 2001:db8:0:2::2 ;; 6-r3) echo 2001:db8:0:6::fe ;;
    6-none) echo 2001:db8:0:10::1 ;; 6-never) echo 2001:db8:0:11::1 ;; 6-hole) echo 2001:db8:0:12::1 ;; 6-gone) echo 2001:db8:0:3::99 ;;
  esac
}
lab_up tcp-truth
lab_start b "$LAB_DIR/tcp_server.py" 1000=open 1015=full 1016=open 1017=fin
lab_start c "$LAB_DIR/tcp_server.py" 3000=open 3002=open

table=$LAB_TMP/table
grep -v '^#' "$LAB_DIR/tcp_truth.txt" >"$table"
targets_of() { awk -v reason="$1" '$(reason == 4 ? 4 : 5) != "-" { print $1, $2 }' "$table" | while read -r name port; do echo "$(bracketed "$(network_of "$1" "$name")"):$port"; done; }
unprivileged=$(bare_tool)
for family in 4 6; do
  mapfile -t targets < <(targets_of "$family")
  second=() third=()
  [ "$family" = 6 ] || { second=(-S 192.0.2.3) third=(-S 192.0.2.4); }
  tool_start "raw-$family" a -r1 -W0.4 "${targets[@]}"
  tool_start "connect-$family" a -r1 -W0.4 --connect "${second[@]}" "${targets[@]}"
  start_as "bare-$family" a "${bare[@]}" "$unprivileged" -r1 -W0.4 "${third[@]}" "${targets[@]}"
done
tool_wait

# What a mode cannot see it does not say.
holds() { # holds FAMILY MODE: a row of the table on stdin
  local host port state reason from ttl what reason4 reason6 address said
  while read -r host port state reason4 reason6 from ttl what; do
    lab_case "IPv$1, $2: $what"
    reason=$reason4
    [ "$1" = 4 ] || reason=$reason6
    [ "$reason" != - ] || continue
    said="[.reason] | inside([\"$reason\"])"
    if [ "$2" != raw ]; then
      said="[.reason] | inside([\"$reason\", \"${reason%-by-device}\"$([ "$state" = filtered ] && echo ', "connection-timeout"')])"
    fi
    address=$(network_of "$1" "$host")
    if [ "$from" != - ]; then said="($said) and who == \"$(network_of "$1" "$from")\""; else said="($said) and (has(\"from\") | not)"; fi
    if [ "$ttl" != - ] && [ "$2" = raw ]; then said="($said) and .ttl == $ttl"; fi
    [[ $reason != *-by-device || $2 != raw ]] || said="($said) and .device_hops < .host_hops"
    said="($said) and .method == \"$([ "$2" = raw ] && echo syn || echo connect)\""
    check_records "events(\"result\") | map(select(.address == \"$address\" and .port == $port))
                   | length == 1 and all(.[]; .state == \"$state\" and ($said))"
  done
}
for family in 4 6; do
  for mode in raw connect bare; do
    tool_of "$mode-$family"
    lab_case "IPv$family, $mode"
    check_status 1
    holds "$family" "$mode" <"$table"
  done
  lab_case "IPv$family: what cannot be seen without privilege is named"
  check_records 'events("result") | all(.method == "connect" and (.not_seen | index("ttl") != null) and (has("ttl") | not))'
done

lab_case "NAT: the answers come from who was asked, an error from who refused"
for target in 192.0.2.254 '[2001:db8:0:1::fe]'; do
  tool_run a -r1 -W0.4 "$target:2000-2003"
  check_records 'port(2000).state == "open" and port(2001).state == "closed" and port(2003).state == "closed"'
  check_records 'port(2002) | .state == "rejected" and .reason == "admin-prohibited"'
done

lab_case "asymmetric paths: back by another router"
for pair in 198.18.3.1=203.0.113.1 2001:db8:0:6::1=2001:db8:0:3::1; do
  tool_run a -S "${pair%=*}" "$(bracketed "${pair#*=}"):1000,1001"
  check_records 'port(1000) | .state == "open" and .reason == "syn-ack" and .ttl == 63'
  check_records 'port(1001) | .state == "closed" and .reason == "reset" and .ttl == 63'
done

lab_case "our own firewall"
for target in 203.0.113.1 '[2001:db8:0:3::1]'; do
  tool_run a -r0 -W0.3 "$target:1020-1022"
  check_status 3
  check_records 'number("result") == 3 and all(events("result")[]; .state == "error" and .reason == "local-firewall" and .errno == "EPERM")'
  for who in "" bare; do
    if [ -z "$who" ]; then tool_run a -r0 -W0.3 --connect "$target:1020-1022"; else
      lab_run a "${bare[@]}" "$unprivileged" --json -r0 -W0.3 "$target:1020-1022"
      cp "$out" "$tool_kept/own-firewall-bare-${target:0:1}.json"
    fi
    check_status 3
    # What is dropped on its way out looks like silence to connect(), and a RST is a RST.
    check_records 'port(1020).state | . == "filtered" or . == "error"'
    check_records 'port(1021) | .state == "error" and .reason == "local-firewall"'
    check_records 'port(1022).state | . == "closed" or . == "error"'
  done
done
lab_run a "$TOOL" -r0 -W0.3 203.0.113.1:1020
check_status 3
check "the text names the cause" grep -qi firewall "$out" "$err"

lab_case "no way out of this host"
for case in 198.18.20.1=no-route=EHOSTUNREACH 198.18.21.1=prohibited-route=EACCES 198.18.22.1=blackhole-route=EINVAL \
  2001:db8:0:20::1=no-route=EHOSTUNREACH; do
  IFS='=' read -r target reason number <<<"$case"
  for method in '' --connect; do
    tool_run a -r0 -W0.3 $method "$(bracketed "$target"):80"
    check_status 3
    check_records "is(\"error\"; \"$reason\") and result.errno == \"$number\""
  done
done
lab_in a ip link add alone type veth peer name nobody
lab_in a ip link set alone up
tool_run a -r0 -W0.3 -I alone 203.0.113.1:80
check "it ends, status $status" [ "$status" -ne 124 ]

lab_case "the far side holds no half-open connection, and no port of ours is left bound"
check "none in SYN-RECV" [ -z "$(lab_in b ss -Hnt state syn-recv; lab_in c ss -Hnt state syn-recv)" ]
check "no socket of ours" [ -z "$(lab_in a ss -Hntap | grep -F diag-tcp)" ]

line() { printf 'host a\nhost b\nwire a 192.0.2.1/24 2001:db8::1/64 - b 192.0.2.2/24 2001:db8::2/64 %s\n' "$*" | lab_up -; }
hundred() { # ports 101 to 200 are open, 201 to 300 closed
  # shellcheck disable=SC2046
  lab_start b "$LAB_DIR/tcp_server.py" $(seq -f '%g=open' 101 200)
}
right='(events("result") | length == 200 and all(.state == if .port <= 200 then "open" else "closed" end))'
lossy() { # lossy NAME OPTIONS...: both families at once
  for target in 192.0.2.2 '[2001:db8::2]'; do tool_start "$1-${target:0:1}" a "${@:2}" "$target:101-300"; done
  tool_wait
}
for loss in 1% 20%; do
  lab_case "a line that loses $loss"
  line "loss=$loss" delay=2ms seed=5
  hundred
  lossy "loss-$loss" -r14 -W0.1
  for family in 1 '['; do
    tool_of "loss-$loss-$family"
    check_status 1
    check_records "$right"
    check_records 'all(events("result")[]; .rtt_ms < 100 or ((.anomalies // []) | index("late-attempt") != null))'
  done
done
check_records 'summary.findings | index("loss") != null'
check_records 'any(events("result")[]; .attempts > 2 and .answered_attempt > 2)'

lab_case "a line that reorders and doubles"
line delay=20ms jitter=10ms reorder=30% reorder-by=40ms dup=10% seed=5
hundred
lossy reordered -r2 -W0.4
for family in 1 '['; do
  tool_of "reordered-$family"
  check_records "$right"
done

lab_case "a line that is slower than the timeout"
line delay=150ms
hundred
lab_run a ping -c1 -W2 192.0.2.2 # neighbours are known from here on
tool_start late-asked a -r4 -W0.1 192.0.2.2:101,201
tool_start late-lost a -r0 -W0.1 --linger 0.6 192.0.2.2:101,201
tool_wait
tool_of late-asked
check_records 'port(101) | .state == "open" and .rtt_ms >= 300 and .rtt_ms < 390 and .answered_attempt == 1 and .attempts >= 3'
check_records 'port(201) | .state == "closed" and .rtt_ms >= 300'
tool_of late-lost
check_status 1
check_records 'all(events("result")[]; .state == "filtered") and summary.late == 2 and refused("late")'

check_tcp_law
lab_done
