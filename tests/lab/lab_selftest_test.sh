#!/usr/bin/env bash
# The lab held against itself: what it builds goes away, the delay wire does what it is told, the fault responder lives.
# shellcheck disable=SC2016,SC2317  # awk's and the inner shell's dollars; functions called by name, through check
. "$(dirname "$0")/lib.sh"

topology=$LAB_DIR/topology
left_of() { find /run/netns /run/diag-lab -maxdepth 1 -name "dg$1-*" 2>/dev/null; }
nothing_left_of() { [ -z "$(left_of "$1")" ]; }
ended() { timeout 10 tail -s 0.02 --pid="$1" -f /dev/null; }
keeper_of() { awk '$3 == "keeper" { print $1 }' "/run/diag-lab/dg$1-/started"; }

lab_case "a network of three hosts and a router"
lab_up three-hosts
lab_run a ping -c1 -W2 198.51.100.1
check_status 0
check_out 'ttl=63'
lab_run a ping -c1 -W2 2001:db8:0:2::1
check_out 'ttl=63'
lab_run a ping -c1 -W2 203.0.113.1
check_out 'Packet filtered'
"$topology" up pair >"$out" 2>"$err"
check "a second network of the same owner is refused" grep -q 'already has a network' "$err"
"$topology" down
check "down leaves nothing" nothing_left_of "$LAB_OWNER"

lab_case "a description with errors"
"$topology" check - >"$out" 2>"$err" <<'END'
host a
hoost b
link a 192.0.2.1 - a:x 192.0.2.2/24
nft a 'table ip f {
}' more
wire a 192.0.2.1/24 - c
END
status=$?
check_status 2
check_err '^stdin:2: unknown statement: hoost'
check_err '^stdin:3: not an address'
check_err '^stdin:4: nft needs'
check_err '^stdin:6: no such node: c'

lab_case "a step that fails while building"
printf 'host a\nhost b\nlink a 192.0.2.1/24 - b\nroute a default via 203.0.113.1\n' | "$topology" up - >"$out" 2>"$err"
status=$?
check_status 3
check_err '^topology: stdin:4: ip .*route add default'
check "nothing is left" nothing_left_of "$LAB_OWNER"

lab_case "terminated half-way through building"
# A delay wire that never says it is ready holds the building where it is.
printf '#!/bin/sh\necho >%s/half-way\nexec sleep 60\n' "$LAB_TMP" >"$LAB_TMP/stuck_wire"
chmod +x "$LAB_TMP/stuck_wire"
mkfifo "$LAB_TMP/half-way"
printf 'host a\nhost b\nwire a 192.0.2.1/24 - b\n' | DIAG_WIRE=$LAB_TMP/stuck_wire "$topology" up - 2>"$err" &
building=$!
read -r _ <"$LAB_TMP/half-way"
check "two nodes exist by then" [ "$(left_of "$LAB_OWNER" | grep -c netns)" -eq 2 ]
kill -TERM "$building"
wait "$building"
check "nothing is left" nothing_left_of "$LAB_OWNER"

lab_case "the owner killed outright"
mkfifo "$LAB_TMP/up" "$LAB_TMP/for-ever"
bash -c '"$0" --owner=$$ up pair; echo >"$1/up"; read -r _ <"$1/for-ever"' "$topology" "$LAB_TMP" &
owner=$!
read -r _ <"$LAB_TMP/up"
check "it was up" [ "$(left_of "$owner" | grep -c netns)" -eq 2 ]
keeper=$(keeper_of "$owner")
kill -KILL "$owner"
wait "$owner" 2>/dev/null
check "the keeper ends" ended "$keeper"
check "nothing is left" nothing_left_of "$owner"

lab_case "owner and keeper killed"
bash -c '"$0" --owner=$$ up - <<<"host a" && kill -KILL $(awk "{ print \$1 }" /run/diag-lab/dg$$-/started)
         kill -KILL $$' "$topology" &
owner=$!
wait "$owner" 2>/dev/null
check "the network is still there" [ -n "$(left_of "$owner")" ]
lab_up pair 2>"$err"
check_err "process $owner, which is gone"
check "the next run swept it" nothing_left_of "$owner"
(LAB_OWNER=$BASHPID "$topology" up - <<<'host z')
lab_run a ping -c1 -W2 198.18.200.200
check "another run's sweep leaves a living owner's network alone" [ "$status" -eq 0 ]

lab_case "the wire's decisions"
[ -x "$DIAG_WIRE" ] || lab_skip "the delay wire is not built"
decide() { "$DIAG_WIRE" --dry-run=10000 --loss=10% --dup=1% --delay=10ms --jitter=2ms "$@"; }
decide --seed=7 >"$LAB_TMP/one"
decide --seed=7 >"$LAB_TMP/two"
decide --seed=8 >"$LAB_TMP/three"
check "are the same for the same seed" cmp -s "$LAB_TMP/one" "$LAB_TMP/two"
check "differ with another seed" [ "$(cmp -s "$LAB_TMP/one" "$LAB_TMP/three"; echo $?)" -eq 1 ]
lost=$(grep -c lost "$LAB_TMP/one")
check "drop a tenth of 20,000: $lost" [ "$((lost > 1800 && lost < 2200))" -eq 1 ]  # over four standard deviations
"$DIAG_WIRE" --dry-run=10000 --loss=10% --seed=7 | awk '/lost/ { print $1, $2 }' >"$LAB_TMP/two"
awk '/lost/ { print $1, $2 }' "$LAB_TMP/one" >"$LAB_TMP/three"
check "do not move when another fault is switched on" cmp -s "$LAB_TMP/two" "$LAB_TMP/three"
for bad in --delay=10 --delay=-1ms --delay=nanms --loss=101% --loss=5 --rate=0bit --seed=-1 --queue=1/ --what=1 word; do
  "$DIAG_WIRE" --dry-run=0 "$bad" >"$out" 2>"$err"
  status=$?
  check_status 2
done

# The times of a ping run, sorted, and the one in the middle in microseconds.
median_us() { sed -n 's/.* time=\([0-9.]*\) ms$/\1/p' "$out" | sort -n | awk '{ t[NR] = $1 } END { printf "%d\n", t[int((NR + 1) / 2)] * 1000 }'; }
within() { [ "$(($1 * 100 > $2 * 80 && $1 * 100 < $2 * 120))" -eq 1 ]; }
wire_up() { printf 'host a\nhost b\nwire a 192.0.2.1/24 - b 192.0.2.2/24 %s\n' "$*" | lab_up -; }

lab_case "a wire of 5 ms there and 15 ms back"
wire_up delay=5ms/15ms
lab_run a ping -c 50 -i 0.01 192.0.2.2
check "median $(median_us) us" within "$(median_us)" 20000
check_out '50 received'

lab_case "a wire of 1 Mbit/s"
wire_up rate=1mbit
lab_run a ping -c 10 -i 0.05 -s 1208 192.0.2.2  # frames of 1250 octets: 10 ms each way
check "median $(median_us) us" within "$(median_us)" 20000
lab_run a ping -c 1 -s 100 192.0.2.2  # 142 octets: 1.136 ms each way
check "the time goes with the size: $(median_us) us" [ "$(median_us)" -lt 6000 ]

lab_case "a wire that loses, twice from the same seed"
for run in one two; do
  wire_up loss=10% seed=42
  lab_run a ping -c 200 -i 0.003 -W 0.2 192.0.2.2
  sed -n 's/.*icmp_seq=\([0-9]*\).*/\1/p' "$out" >"$LAB_TMP/$run"
done
check "the same requests are answered" cmp -s "$LAB_TMP/one" "$LAB_TMP/two"
answered=$(wc -l <"$LAB_TMP/one")
check "about 81 % both ways: $answered of 200" [ "$((answered > 135 && answered < 185))" -eq 1 ]

lab_case "a wire that doubles, reorders and damages"
wire_up dup=20% reorder=10% reorder-by=30ms corrupt=10% delay=1ms
lab_run a ping -c 200 -i 0.003 -W 0.2 192.0.2.2
check_out 'DUP!'
"$topology" wires >"$out" 2>"$err"
check_out '^wire-1 a-to-b received=[0-9]+ .* doubled=[1-9][0-9]* held_back=[1-9][0-9]* damaged=[1-9]'
check_out '^wire-1 b-to-a '
check "late by less than 2 ms on average" awk -F'late_mean_ns=' 'NF != 2 || $2 + 0 > 2000000 { exit 1 }' "$out"

lab_case "every fault of the catalogue, over IPv4 and IPv6"
lab_up - <<<'host a'
mapfile -t faults < <("$LAB_DIR/fault_echo.py" --list | awk '{ print $1 }' | sed 's/^late=1$/late=0.05/')
words=()
for index in "${!faults[@]}"; do
  words+=("198.51.100.$((index + 1))=${faults[index]}" "2001:db8:f::$((index + 1))=${faults[index]}")
done
lab_faults a 198.51.100.0/24 2001:db8:f::/64 from=192.0.2.1 from=2001:db8::1 "${words[@]}"
responder=$lab_pid
lab_capture a faults1 "$LAB_TMP/faults.pcap"
lab_in a sh -c 'for address; do ping -c1 -W 0.01 "$address" >/dev/null 2>&1; done' - "${words[@]%%=*}"
# The kernel's own handshake, which is not awaited.
lab_in a python3 -c 'import socket, sys
held = []
for address in sys.argv[1:]:
    held.append(socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET))
    held[-1].setblocking(False)
    held[-1].connect_ex((address, 443))' "${words[@]%%=*}"
lab_run a ping -c1 -W1 198.51.100.200
check_status 0
lab_run a ping -c1 -W1 2001:db8:f::200
check_status 0
check "the responder lives" kill -0 "$responder"
lab_stop "$lab_pid"

address_of() { local index; for index in "${!faults[@]}"; do [ "${faults[index]%%=*}" = "$1" ] && echo "198.51.100.$((index + 1))"; done; }
seen() { tcpdump -nvr "$LAB_TMP/faults.pcap" "icmp and src host $(address_of "$1") and dst host 192.0.2.1" >"$out" 2>/dev/null; }
lab_case "what tcpdump reads of the faults"
seen wrong-id && check_out 'ICMP echo reply, id [0-9]+, seq 1, length 64'
seen truncated-8 && check_out 'ICMP echo reply, .* length 8$'
seen bad-checksum && check_out 'wrong icmp cksum'
seen dup1000 && check "1001 replies" [ "$(grep -c 'echo reply' "$out")" -eq 1001 ]
seen ihl-15-options && check_out 'options \(RR'
seen longer && check_out 'length 164'
seen good && check_no_out 'wrong icmp cksum|bad'
tcpdump -nvr "$LAB_TMP/faults.pcap" 'icmp and src host 198.51.100.254' >"$out" 2>/dev/null
check_out 'host 198.51.100.[0-9]+ unreachable - admin prohibited'
check_out 'unreachable - need to frag \(mtu 1400\)'
check_no_out '> 192.0.2.1: .*wrong icmp cksum'
check_out '> 198.51.100.[0-9]+: ICMP echo request, id [0-9]+, seq 1, length 64$'
segment() { tcpdump -nvr "$LAB_TMP/faults.pcap" "tcp and src host $(address_of "$1") and dst host 192.0.2.1" >"$out" 2>/dev/null; }
segment good && check_out 'Flags \[S\.\], cksum 0x[0-9a-f]+ \(correct\), .* win 64240, options \[mss 1460,sackOK,nop,wscale 7'
segment closed && check_out 'Flags \[R\.\], cksum 0x[0-9a-f]+ \(correct\), seq 0, '
segment bare-syn && check_out 'Flags \[S\], cksum 0x[0-9a-f]+ \(correct\)'
segment bad-checksum && check_out 'Flags \[S\.\], .*incorrect'
segment data-offset && check_out '\[bad hdr length 16'
segment good-ttl && check_out 'ttl 57,'

lab_case "a script of several requests"
lab_faults a 203.0.113.0/24 from=192.0.2.1 '203.0.113.1=good*2/silent*2/wrong-id+good'
lab_run a ping -c6 -i 0.02 -W 0.2 203.0.113.1
check "requests 1, 2, 5, 6 are answered" [ "$(sed -n 's/.*icmp_seq=\([0-9]*\).*/\1/p' "$out" | tr '\n' ' ')" = "1 2 5 6 " ]

lab_case "every habit of the hosts on a link, as the kernel and tcpdump take them"
lab_up - <<<'host a'
mapfile -t habits < <("$LAB_DIR/arp_responder.py" --list | awk '{ print $1 }' | sed 's/^storm=.*/storm=100/')
words=()
for index in "${!habits[@]}"; do
  words+=("192.0.2.$((index + 2))=${habits[index]}" "2001:db8::$((index + 2))=${habits[index]}")
done
lab_start a "$LAB_DIR/arp_responder.py" "--owner=$LAB_OWNER" --ready-fd=1 mac=00:00:5e:00:53:01 from=192.0.2.1/24 from=2001:db8::1/64 "${words[@]}"
responder=$lab_pid
lab_capture a tap0 "$LAB_TMP/habits.pcap"
# One question each: the kernel would ask a silent one three times.
lab_in a sh -c 'for family in ipv4 ipv6; do echo 1 >/proc/sys/net/$family/neigh/tap0/mcast_solicit; done'
lab_in a sh -c 'for address; do ping -c1 -W0.05 "$address" >/dev/null 2>&1 & done; wait' - "${words[@]%%=*}"
lab_stop "$lab_pid"
check "the responder lives" kill -0 "$responder"
lab_in a ip neigh show dev tap0 >"$out"
number_of() { local index; for index in "${!habits[@]}"; do [ "${habits[index]%%=*}" = "$1" ] && echo "$((index + 2))"; done; }
for habit in good dup to-everyone junk-padding unpadded priority; do
  check_out "^192\.0\.2\.$(number_of "$habit") lladdr 00:00:5e:00:53:$(printf %02x "$(number_of "$habit")") "
done
check_out "^2001:db8::$(number_of good) lladdr 00:00:5e:00:53:0$(number_of good) "
for habit in silent hlen-255 ptype-arp short tagged snap unicast-only wrong-destination; do
  check_no_out "^192\.0\.2\.$(number_of "$habit") lladdr "
done
tcpdump -nevr "$LAB_TMP/habits.pcap" >"$out" 2>/dev/null
check_out "vlan 5, p 0, ethertype ARP.* 192\.0\.2\.$(number_of tagged) is-at"
check_out "ethertype 802.1Q-QinQ.*vlan 7.* 192\.0\.2\.$(number_of qinq) is-at"
check_out "SNAP.* 192\.0\.2\.$(number_of snap) is-at"
check_out "Request who-has 192\.0\.2\.$(number_of probe) .*tell 0\.0\.0\.0"
check_out "00:00:5e:00:53:ee > .* Request who-has 192\.0\.2\.$(number_of storm) .*tell 192\.0\.2\.$(number_of storm)"
check_out 'bad icmp6 cksum'
check_out 'hlim 64, .*neighbor advertisement'

lab_done
