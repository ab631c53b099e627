#!/usr/bin/env bash
# What diag-tcp makes of wrong, strange and hostile answers: the project's fault list, H1 to H35, over IPv4 and IPv6.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/tcp_lib.sh"

# A row is one address that answers as its script says, asked once by a process of its own:
#   row FAMILIES NAME SCRIPT STATUS CONDITION [OPTIONS...]     CONDITION as for check_records
names=() families=() scripts=() wanted=() conditions=() options=()
row() {
  families+=("$1") names+=("$2") scripts+=("$3") wanted+=("$4") conditions+=("$5")
  options+=("${*:6}")  # none of them holds a blank
}
opened='is("open"; "syn-ack") and (result | who) == $address'
reset='is("closed"; "reset") and (result | who) == $address'
silent='is("filtered"; "no-answer")'

row 46 "an open port" good 0 "$opened and clean and result.ttl == 64 and result.attempts == 1 and (result.syn_ack
  | .window == 64240 and .mss == 1460 and .wscale == 7 and .sack == true and (.timestamps // false | not))"
row 4 "the IP identification of the answer" good 0 'result.ip_id == 4660'
row 46 "an open port, seen by the capture" good 0 "$opened" capture
row 46 "H11: a closed port" closed 1 "$reset and clean and result.ttl == 64"
row 46 "H11: a closed port, seen by the capture" closed 1 "$reset" capture
row 46 "a closed port is what was expected" closed 0 "$reset" --expect closed
row 46 "silence" silent 1 "$silent and clean and result.attempts == 1"
row 46 "silence is what was expected" silent 0 "$silent and result.attempts == 3" --expect "filtered|rejected" -r2 -W0.1

row 46 "H1: a SYN-ACK that acknowledges a thousand too much" wrong-ack 1 "$silent and refused(\"wrong-ack\")"
row 46 "H1: one too much" wrong-ack=1 1 "$silent and refused(\"wrong-ack\")"
row 46 "H1: one too little" wrong-ack=-1 1 "$silent and refused(\"wrong-ack\")"
row 46 "H1: the same, then the answer" wrong-ack+good 0 "$opened and refused(\"wrong-ack\")"
row 46 "H1: the same, seen by the capture" wrong-ack 1 "$silent and refused(\"wrong-ack\")" capture
row 4 "H2: a SYN-ACK with a bad checksum" bad-checksum 1 "$silent and refused(\"bad-checksum\")"
row 6 "H2: a SYN-ACK with a bad checksum: the kernel may refuse it" bad-checksum 1 "$silent"
row 46 "H2: the same, seen by the capture" bad-checksum 1 "$silent and refused(\"bad-checksum\")" capture
row 46 "H2: a checksum left to the receiving device" partial-checksum 0 "$opened"
row 46 "H2: the same, seen by the capture" partial-checksum 0 "$opened" capture
row 46 "H3: SYN, ACK and RST" syn-ack-rst 1 "$silent and refused(\"bad-flags\")"
row 46 "H4 H25: a SYN without ACK" bare-syn 1 "$silent and refused(\"simultaneous-open\")"
row 46 "H4 H25: a SYN without ACK, then the answer" bare-syn+good 0 "$opened and refused(\"simultaneous-open\")"
row 46 "H5: an ACK alone" bare-ack 1 "$silent and refused(\"bad-flags\")"
row 46 "H5: a challenge ACK" challenge-ack 1 "$silent and strange == 1"
row 46 "H5: no flag at all" no-flags 1 "$silent and refused(\"bad-flags\")"
row 46 "H6: a data offset below the header" data-offset=4 1 "$silent and refused(\"bad-tcp-header\")"
row 46 "H6: a data offset beyond the segment" data-offset=15 1 "$silent and refused(\"bad-tcp-header\")"
row 46 "H6: the same, then the answer" data-offset=15+good 0 "$opened"
row 46 "H7: thirteen octets of TCP" truncated=13 1 "$silent and strange <= 1"
row 46 "H7: nineteen octets of TCP" truncated=19 1 "$silent and strange <= 1"
row 46 "H7: three octets of TCP" truncated=3 1 "$silent"
row 46 "H8: a RST that acknowledges a thousand too much" reset-wrong-ack 1 "$silent and refused(\"wrong-ack\")"
row 46 "H8: one too much" reset-wrong-ack=1 1 "$silent and refused(\"wrong-ack\")"
row 46 "H8: the same, then the answer" reset-wrong-ack+good 0 "$opened and refused(\"wrong-ack\")"
row 46 "H9: a RST without ACK" reset-no-ack 1 "$silent and refused(\"reset-without-ack\")"
row 46 "H9: the same, then the answer" reset-no-ack+good 0 "$opened"
row 4 "H10: a RST with a bad checksum" reset-bad-checksum 1 "$silent and refused(\"bad-checksum\")"
row 46 "H10: the same, seen by the capture" reset-bad-checksum 1 "$silent and refused(\"bad-checksum\")" capture
row 46 "H12: the SYN-ACK from another address" wrong-source 1 \
  "$silent and refused(\"wrong-source\") and events(\"anomaly\")[0].from == \$router"
row 46 "H12: the RST from another address" reset-wrong-source 1 "$silent and refused(\"wrong-source\")"
row 46 "H13: the SYN-ACK from another port" wrong-port 1 "$silent and refused(\"wrong-port\")"
row 46 "H13: the RST from another port" reset-wrong-port 1 "$silent and refused(\"wrong-port\")"
row 46 "H13: the SYN-ACK to another port of ours" to-wrong-port 1 "$silent"
row 46 "H35: the SYN-ACK for a probe long gone" stale 1 "$silent and strange == 1"
row 46 "a hundred answers of wrong numbers, then ours" tcp-noise=100+good 0 "$opened and strange == 100"

for length in 0 1 40; do
  row 46 "H14: a SYN-ACK with an option of length $length" "tcp-option-len=$length" 0 \
    "$opened and odd(\"malformed-options\") and result.syn_ack.mss == 1460"
done
row 46 "H14: a SYN-ACK without options" tcp-bare 0 "$opened and (result.syn_ack | has(\"mss\") | not)"
row 46 "H23: the SYN-ACK of a cookie" cookie 0 "$opened and odd(\"cookie-like\") and result.syn_ack.mss == 1460"
row 46 "H23: the same to a bare SYN is nothing odd" cookie 0 "$opened and (odd(\"cookie-like\") | not)" --profile bare
row 46 "H23: window 0" window=0 0 "$opened and odd(\"zero-window\") and result.syn_ack.window == 0"
row 46 "H23: MSS 0" mss=0 0 "$opened and odd(\"tiny-mss\") and result.syn_ack.mss == 0"
row 46 "H23: a Fast Open cookie" fast-open=8 0 "$opened and result.syn_ack.fast_open == 8"
row 46 "ECN is agreed" ecn 0 "$opened and result.syn_ack.ecn == true" --flags SYN,ECE,CWR

row 46 "H15: an unreachable that quotes another sequence number" du-wrong-seq 1 "$silent and refused(\"foreign-quote\")"
row 46 "H15: an unreachable that quotes another port" du-wrong-port 1 "$silent and refused(\"foreign-quote\")"
row 46 "H15: an unreachable that quotes another address" du-wrong-dst 1 "$silent and refused(\"foreign-quote\")"
row 46 "H15: an unreachable about another process's probe" du-foreign 1 "$silent"
row 46 "H15: an unreachable that quotes nothing" du-empty-quote 1 "$silent"
row 46 "H15: a quote whose header length is beyond it" du-short-quote-ihl15 1 "$silent"
row 46 "H15: another sequence number, then the answer" du-wrong-seq+good 0 "$opened"
refusal='single and result.from == $router and (result | has("rtt_ms"))'
for code in 0:net 1:host 2:protocol 3:port 6:net 7:host; do
  row 4 "H16: ICMP 3/${code%:*}" "du-code=${code%:*}" 1 \
    "$refusal and is(\"rejected\"; \"${code#*:}-unreachable\") and [result.icmp_type, result.icmp_code] == [3, ${code%:*}]"
done
for code in 9 10 13; do
  row 4 "H16: ICMP 3/$code" "du-code=$code" 1 \
    "$refusal and is(\"rejected\"; \"admin-prohibited\") and [result.icmp_type, result.icmp_code] == [3, $code]"
done
for code in 0:net-unreachable 1:admin-prohibited 3:host-unreachable 4:port-unreachable 5:source-address-failed 6:route-rejected; do
  row 6 "H16: ICMPv6 1/${code%:*}" "du-code=${code%:*}" 1 \
    "$refusal and is(\"rejected\"; \"${code#*:}\") and [result.icmp_type, result.icmp_code] == [1, ${code%:*}]"
done
row 46 "H16: an unreachable of an unknown code" du-code=200 1 'is("rejected"; "unreachable") and result.icmp_code == 200'
row 46 "H16: administratively prohibited, seen by the capture" admin-prohibited 1 'is("rejected"; "admin-prohibited")' capture
row 46 "H17: the hop limit exceeded on the way" ttl-exceeded 1 "$refusal and is(\"unreachable\"; \"hop-limit-exceeded\")"
row 46 "a parameter problem" param-problem 1 'is("unreachable"; "parameter-problem")'
row 4 "fragmentation needed" frag-needed 1 'is("unreachable"; "fragmentation-needed")'
row 6 "packet too big" packet-too-big=1400 1 'is("unreachable"; "packet-too-big")'
row 4 "source quench" source-quench+good 0 "$opened"
row 4 "a redirect" redirect+good 0 "$opened"
row 46 "an ICMP message of an unknown type" type=200+good 0 "$opened"
row 4 "RFC 792's least quote" du-least-quote 1 'is("rejected"; "host-unreachable")'
row 4 "a quote with IP options" du-options-quote 1 'is("rejected"; "host-unreachable")'
row 46 "what was left of the hop limit" du-quoted-ttl=3 1 'result.state == "rejected" and result.quoted_ttl == 3'
row 46 "what a middlebox did to the options" du-clamped=1200 1 \
  'result.rewritten | .mss.sent > 1300 and .mss.seen == 1200 and (to_entries | map(select(.value | has("seen") | not)) | length) >= 2'
row 46 "what a middlebox did to the window" du-window=1 1 'result.rewritten.window == {"sent": 64240, "seen": 1}'
row 46 "an honest quote shows no change" admin-prohibited 1 'result | has("rewritten") | not'

row 46 "H21: a RST, then a SYN-ACK" then-good=0.05 1 "$reset and refused(\"conflict\")" --linger 0.3
row 46 "H21: a SYN-ACK, then a RST" then-closed=0.05 0 "$opened and refused(\"conflict\")" --linger 0.3
row 46 "H21: both at once: the first counts" closed+good 1 "$reset" --linger 0.1
row 46 "a duplicate SYN-ACK" dup 0 "$opened and refused(\"duplicate\") and summary.duplicates == 1" --linger 0.2
row 46 "a thousand duplicates" dup1000 0 "$opened and (summary | .duplicates + (.receiver_dropped // 0)) >= 1000" --linger 0.6
row 46 "neighbours answer too" many-sources=4 0 "$opened and refused(\"wrong-source\")" --linger 0.2
row 46 "H22: a SYN-ACK before the timeout" late=0.4 0 "$opened and (result.rtt_ms | . >= 400 and . < 600)" -W0.7
row 46 "H22: a SYN-ACK after the timeout" late=0.6 1 \
  "$silent and refused(\"late\") and summary.late == 1 and (events(\"anomaly\")[0].rtt_ms >= 600)" -W0.3 --linger 0.8
row 46 "H22: a RST after the timeout" closed-late=0.6 1 "$silent and refused(\"late\")" -W0.3 --linger 0.8
row 46 "H22: after the timeout of the attempt, while the port is still asked" late=0.4/silent 0 \
  "$opened and result.attempts == 2 and result.answered_attempt == 1 and odd(\"late-attempt\") and result.rtt_ms >= 400" -W0.3 -r1
row 46 "the second attempt is answered" silent/good 0 \
  "$opened and result.attempts == 2 and result.answered_attempt == 2 and odd(\"answered-retry\") and result.rtt_ms < 150
   and (summary.findings | index(\"loss\") != null)" -W0.2 -r2

row 4 "40 octets of IP options before the SYN-ACK" ihl-15-options 0 "$opened"
row 4 "a header length of four words" ihl-4 1 "$silent"
row 46 "a length beyond the packet" total-length-lie-long 1 "$silent"
row 46 "a frame that ends in the IP header" short-frame 1 "$silent"
row 46 "the same, seen by the capture" short-frame 1 "$silent" capture
row 6 "three extension headers before the SYN-ACK" ext-chain=3 0 "$opened"
row 6 "three extension headers, seen by the capture" ext-chain=3 0 "$opened" capture
row 6 "an extension header that is cut" ext-truncated 1 "$silent"

through='is("closed"; "unfiltered") and (result | who) == $address'
row 46 "an ACK gets through to an open port" good 0 "$through and result.method == \"ack\"" --ack
row 46 "an ACK gets through to a closed port" closed 0 "$through" --ack
row 46 "an ACK is dropped" silent 1 "$silent" --ack
row 46 "an ACK is answered by a RST of another number" reset-wrong-seq 1 "$silent and strange == 1" --ack
row 46 "an ACK is rejected" admin-prohibited 1 'is("rejected"; "admin-prohibited")' --ack
for way in fin null; do
  row 46 "a $way probe of a closed port" closed 0 "$through and result.method == \"$way\"" "--$way"
  row 46 "a $way probe of an open port" good 1 "$silent" "--$way"
  row 46 "a $way probe answered by a wrong RST" reset-wrong-ack 1 "$silent" "--$way"
done

known='single and result.method == "connect"'
row 46 "connect: open" good 0 "$known and is(\"open\"; \"syn-ack\")" --connect
row 46 "connect: closed" closed 1 "$known and is(\"closed\"; \"reset\")" --connect
row 46 "connect: silence" silent 1 "$known and result.state == \"filtered\"" --connect
row 46 "connect H1: a wrong acknowledgment" wrong-ack 1 "$known and result.state == \"filtered\"" --connect
row 46 "connect H8: a RST with a wrong acknowledgment" reset-wrong-ack 1 "$known and result.state == \"filtered\"" --connect
row 46 "connect H2: a bad checksum" bad-checksum 1 "$known and result.state == \"filtered\"" --connect
row 4 "connect H16: port unreachable is not closed" du-code=3 1 "$known and is(\"rejected\"; \"port-unreachable\") and result.from == \$router" --connect
row 6 "connect H16: port unreachable is not closed" du-code=4 1 "$known and is(\"rejected\"; \"port-unreachable\") and result.from == \$router" --connect
row 46 "connect H16: administratively prohibited" admin-prohibited 1 "$known and is(\"rejected\"; \"admin-prohibited\")" --connect
row 46 "connect H17: the hop limit exceeded" ttl-exceeded 1 "$known and is(\"unreachable\"; \"hop-limit-exceeded\")" --connect
row 46 "connect H14: a malformed option" tcp-option-len=40 0 "$known and is(\"open\"; \"syn-ack\")" --connect
row 46 "connect: the second attempt is answered" silent/good 0 "$known and result.state == \"open\" and result.attempts == 2" --connect -r1 -W0.2

address_of() { host "$2" "$(($1 + 1))"; }
router() { host "$1" "$([ "$1" = 4 ] && echo 254 || echo fe)"; }
answers=()
for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] && answers+=("$(address_of "$index" "$family")=${scripts[index]}")
  done
done
check "no more rows than addresses: ${#names[@]}" [ "${#names[@]}" -le 230 ]
lab_up - <<<'host a
host b
link a 192.0.2.1/24 2001:db8::1/64 - b 192.0.2.2/24 2001:db8::2/64'
lab_faults a 198.51.100.0/24 2001:db8:f::/64 from=203.0.113.1 from=2001:db8:1::1 "router=$(router 4)" "router=$(router 6)" \
  "${answers[@]}"

for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    words=()
    [[ ${options[index]} == *-r* ]] || words+=(-r0)
    [[ ${options[index]} == *-W* ]] || words+=(-W0.5)
    for word in ${options[index]}; do
      case $word in
        capture) words+=(--pcap "$LAB_TMP/row-$index-$family.pcap") ;;
        *) words+=("$word") ;;
      esac
    done
    tool_start "row-$index-$family" a "${words[@]}" "$(bracketed "$(address_of "$index" "$family")"):443"
  done
done
tool_wait
for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    lab_case "IPv$family, ${names[index]}"
    tool_of "row-$index-$family"
    check_status "${wanted[index]}"
    check_records "\"$(router "$family")\" as \$router | \"$(address_of "$index" "$family")\" as \$address | ${conditions[index]}"
    check "nothing is said on stderr" [ ! -s "$err" ]
  done
done

lab_case "H24 H26 H27 H28: what a peer says, does not say, or says for ever"
lab_start b "$LAB_DIR/tcp_server.py" 21=say:'220 ready' 22=open 23=fin 24=reset 25=drip 26=flood 27=binary \
  28=say:'\x1b[2J\x1b]0;x\x07hi' 80=answer:'HTTP/1.1 200 OK'
for port in 21 22 23 24 25 26 27 28 80; do
  for target in "192.0.2.2:$port" "[2001:db8::2]:$port"; do
    tool_start "banner-$port-${target:0:1}" a --banner -r0 -W1 "$target"
  done
done
tool_wait
said() { # said PORT CONDITION
  for family in '1' '['; do
    tool_of "banner-$1-$family"
    check_status 0
    check_records "is(\"open\"; \"syn-ack\") and ($2)"
    check "no control octet reaches the output" [ "$(tr -d '\n' <"$out" | LC_ALL=C grep -cP '[\x00-\x1f\x7f]')" -eq 0 ]
  done
}
said 21 'result.banner | startswith("220 ready")'
said 22 '(result | has("banner") | not) and result.close == "timeout"'
said 23 'result | .close == "fin" and (has("banner") | not) and has("close_ms")'
said 24 'result | .close == "reset" and (has("banner") | not)'
said 25 'result.close != "fin"'
said 26 'result.banner | length <= 20000'
said 27 'result | has("banner") and (.close | . == "fin" or . == "enough" or . == "reset")'
said 28 'result.banner | contains("hi")'
said 80 'result.banner | startswith("HTTP/1.1 200 OK")'

lab_case "--flows: the same port over eight source ports"
for target in 192.0.2.2:21 "[2001:db8::2]:21"; do
  tool_run a --flows 8 "$target"
  check_status 0
  check_records 'number("result") == 8 and (events("result") | (map(.flow) | sort) == [1, 2, 3, 4, 5, 6, 7, 8] and (map(.source_port) | unique | length) == 8)'
done

lab_case "H30: a source port that is taken, a range, one that is free"
lab_run a python3 -c 'import socket, subprocess, sys
taken = socket.socket()
taken.bind(("0.0.0.0", 30001))
sys.exit(subprocess.run(sys.argv[1:]).returncode)' "$TOOL" --source-port 30001 192.0.2.2:21
check_status 3
check "one line that names the port" [ "$(grep -c 30001 "$err")" -eq 1 ]
tool_run a --source-port 30010-30019 192.0.2.2:21-40
check_records 'number("result") == 20 and (events("result") | all(.source_port >= 30010 and .source_port <= 30019))'
tool_run a --source-port 30001 192.0.2.2:21
check_records 'is("open"; "syn-ack") and result.source_port == 30001'

lab_case "H34: a box that answers for every port"
tool_run a -r0 "$(host 4 250):1-64"
check_status 0
check_records 'summary.states.open == 64 and (summary.findings | index("open-everywhere") != null)'

lab_case "the TTL tells who answered"
lab_faults a 198.18.0.0/24 2001:db8:e::/64 from=203.0.113.1 from=2001:db8:1::1 \
  198.18.0.1,80=good-ttl=57 198.18.0.1,81=closed-ttl=57 198.18.0.1,82=closed-ttl=62 198.18.0.1,83=closed-ttl=62 \
  2001:db8:e::1,80=good-ttl=57 2001:db8:e::1,81=closed-ttl=57 2001:db8:e::1,82=closed-ttl=62 2001:db8:e::1,83=closed-ttl=62 \
  198.18.0.2=closed-ttl=57 198.18.0.2,83=good-ttl=63 2001:db8:e::2=closed-ttl=57 2001:db8:e::2,83=good-ttl=63
for target in 198.18.0.1 2001:db8:e::1; do
  tool_run a "$(bracketed "$target"):80,81,82,83"
  check_records 'port(80).state == "open" and port(81).reason == "reset" and port(82).reason == "reset-by-device"
                 and port(83).reason == "reset-by-device" and (port(82) | .device_hops < .host_hops and .ttl == 62)'
  check_records 'summary | (.findings | index("reset-by-device") != null) and .host_hops > .device_hops'
done
for target in 198.18.0.2 2001:db8:e::2; do
  tool_run a "$(bracketed "$target"):80-83"
  check_records 'port(83) | .state == "open" and .reason == "syn-ack-by-device" and .device_hops < .host_hops'
  check_records 'all(events("result")[]; .port == 83 or .reason == "reset") and (summary.findings | index("syn-ack-by-device") != null)'
done

check_tcp_law
lab_done
