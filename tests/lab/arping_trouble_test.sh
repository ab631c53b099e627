#!/usr/bin/env bash
# Interfaces that are no use, addresses that nobody should be asked for here, and links that go while a run is on: A21, L6, L7.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"
lab_up troubles

# refused WORDS PATTERN: status 3 and one line like this
refused() {
  # shellcheck disable=SC2086  # words
  lab_run a "$TOOL" -c1 $1
  check_status 3
  check_err "$2"
  check "one line: $1" [ "$(wc -l <"$err")" -eq 1 ]
  check "nothing on stdout" [ ! -s "$out" ]
}
lab_case "A21: interfaces that cannot ask"
refused '-I lo 127.0.0.2' 'lo: .*loopback'
refused '127.0.0.2' 'lo: .*loopback'
refused '-I noarp0 198.51.100.18' 'noarp0: .*ARP'
refused '198.51.100.18' 'noarp0: .*ARP'
refused '-I tun0 198.51.100.82' 'tun0: .*ARP'
refused '-I down0 198.51.100.2' 'down0: it is down'
refused '-I dark0 198.51.100.34' 'dark0: .*carrier'
refused '-I bare0 198.51.100.50' 'bare0: it has no IPv4 address'
refused '-I nothere0 192.0.2.2' 'nothere0: no such interface'
refused '-6 -I noarp0 2001:db8::2' 'noarp0: .*ARP'
lab_run a "$TOOL" -c1 -I a-name-that-is-too-long 192.0.2.2
check_status 2

lab_case "an interface without an address asks with one that is given, or with none"
tool_run a -c1 -I bare0 -S 0.0.0.0 198.51.100.50
check_status 0
check_records 'is("in-use")'
tool_run a -c1 -I bare0 -S 198.51.100.55 198.51.100.50
check_status 0

lab_case "a target behind a router: it is named"
refused 203.0.113.2 "203\.0\.113\.2: it is not on eth0's link; its next hop is 192\.0\.2\.2"
refused 2001:db8:2::2 "2001:db8:2::2: it is not on eth0's link; its next hop is 2001:db8::2"
lab_case "our own address"
refused 192.0.2.1 '192\.0\.2\.1: it is this host.s own'
refused 2001:db8::1 '2001:db8::1: it is this host.s own'
lab_case "not the address of a host"
for address in 224.0.0.1 255.255.255.255 0.0.0.0 ff02::1 ::; do
  lab_run a "$TOOL" -c1 "$address"
  check "not accepted: $address" [ "$status" -ge 2 ]
  check "one line: $address" [ "$(wc -l <"$err")" -eq 1 ]
done

lab_case "one of several is wrong: the others are still asked"
tool_run a -c1 -i0.1 192.0.2.2 203.0.113.2
check_records 'any(summaries[]; .address == "192.0.2.2" and .verdict == "in-use")'

during() { # during OPTIONS... -- COMMANDS: run on the link while it is on
  local words=()
  while [ "$1" != -- ]; do words+=("$1") && shift; done
  tool_begin a "${words[@]}"
  sleep 0.35
  eval "$2"
  tool_end
}
lab_case "L6: down for half a second and up again: the run goes on and says so"
during -i0.1 -c25 -W0.2 192.0.2.2 -- 'lab_in a ip link set eth0 down; sleep 0.5; lab_in a ip link set eth0 up'
check_status 0
check_records 'any(events("link")[]; .up == false) and any(events("link")[]; .up and .running)'
check_records 'summary | .received >= 6 and .not_sent >= 2 and .received + .lost + .not_sent + .pending == 25 and .verdict == "in-use"'
check_records '(answers | map(.seq) | max) > (events("error") | map(.seq) | max)'
check_records 'any(events("error")[]; .reason == "interface-down" or .errno == "ENETDOWN")'

lab_case "the cable is pulled: loss, and the reason"
lab_in a ip route replace default via 192.0.2.2
during -i0.1 -c16 -W0.2 192.0.2.2 -- 'lab_in b ip link set eth0 down; sleep 0.4; lab_in b ip link set eth0 up'
check_status 0
check_records 'any(events("link")[]; .up and (.running | not)) and (summary | .received >= 4 and .received < 16 and .verdict == "in-use")'

lab_case "L7: deleted: an end with a reason"
for target in 198.51.100.66 2001:db8:3::2; do
  lab_up troubles
  during -i0.1 -c12 -W0.2 "$target" -- 'lab_in a ip link delete gone0'
  check_status 3
  check_records 'any(events("link")[]; .gone) and (summary | .received >= 2 and .sent < 12)'
done
lab_case "deleted in the middle of a sweep"
lab_up troubles
during --rate 20 --local -4 -I gone0 -- 'lab_in a ip link delete gone0'
check_status 3
check_records 'any(events("link")[]; .up == false or .gone) and all(summaries[]; .verdict != "free")'

lab_case "renamed: the run goes on"
lab_up troubles
during -i0.1 -c8 192.0.2.2 -- 'lab_in a ip link set eth0 down; lab_in a ip link set eth0 name other0; lab_in a ip link set other0 up'
check_records 'summary.received >= 4'

lab_case "nothing can be sent: never silence"
lab_up troubles
lab_in a nft -f - <<<'table netdev f {
  chain c {
    type filter hook egress device eth0 priority 0
    drop
  }
}' && {
  tool_run a -c2 -i0.1 -W0.1 192.0.2.2
  check "not in use, not free" [ "$status" -ne 0 ]
}

lab_case "ended by a signal: the summary of what was done"
lab_up troubles
tool_begin a -i0.1 192.0.2.2
sleep 0.35
kill -TERM "$begun_pid"
tool_end
check_records 'summary.received >= 2 and is("in-use")'

lab_case "without privilege: one line"
lab_run a "${bare[@]}" "$(bare_tool)" -c1 192.0.2.2
check_status 3
check "one line" [ "$(wc -l <"$err")" -eq 1 ]

check_arping_law
lab_done
