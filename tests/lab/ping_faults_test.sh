#!/usr/bin/env bash
# What diag-ping makes of wrong, strange and hostile answers: the project's fault list, P1 to P40, over IPv4 and IPv6.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/ping_lib.sh"

# A row is one address that answers as its script says, pinged once by a process of its own:
#   row FAMILIES NAME SCRIPT STATUS CONDITION [OPTIONS...]     CONDITION as for check_records
names=() families=() scripts=() wanted=() conditions=() options=()
row() {
  families+=("$1") names+=("$2") scripts+=("$3") wanted+=("$4") conditions+=("$5")
  options+=("${*:6}")  # none of them holds a blank
}
answered='number("reply") == 1 and summary.received == 1 and summary.state == "alive"'
silence="lost and (summary.rejected | not) and summary.lost == 1"

row 46 "a right reply" good 0 "$answered and (summary.rejected | not)"
row 46 "a right reply, seen by the capture" good 0 "$answered and summary.rtt_source == \"capture\"" capture
row 46 "nothing" silent 1 "$silence and summary.loss_percent == 100"
row 46 "P1: a length below the header" total-length-lie-short 1 lost
row 46 "P1: a length beyond the packet" total-length-lie-long 1 lost
row 46 "P1: a length beyond the packet, seen by the capture" total-length-lie-long 1 'lost and refused("bad-ip-header")' capture
row 46 "P2: a frame that ends in the IP header" short-frame 1 lost
row 46 "P2: the same, seen by the capture" short-frame 1 lost capture
row 4 "P3: IHL below 5" ihl-4 1 lost
row 4 "P3: IHL below 5, seen by the capture" ihl-4 1 lost capture
row 4 "P4: 40 octets of IP options" ihl-15-options 0 "$answered and events(\"reply\")[0].size == 64"
row 4 "P4: 40 octets of IP options, seen by the capture" ihl-15-options 0 "$answered and events(\"reply\")[0].size == 64" capture
for option in rr-option-len3 ts-option-len4 option-len-0 option-past-end; do
  row 4 "P5: $option" "$option" 0 'summary.received + summary.lost == 1' either
  row 4 "P5: $option, seen by the capture" "$option" 0 'summary.received + summary.lost == 1' either capture
done
row 4 "P6: a bad checksum" bad-checksum 1 'lost and refused("bad-checksum") and summary.rejected["bad-checksum"] == 1'
row 4 "P6: a bad checksum, then the answer" bad-checksum+good 0 "$answered and refused(\"bad-checksum\")"
row 6 "P35: a bad checksum: the kernel refuses it" bad-checksum 1 lost
row 46 "P6 P35: a bad checksum, seen by the capture" bad-checksum 1 'lost and refused("bad-checksum")' capture
row 6 "P7: a checksum left to the receiving device" partial-checksum 0 "$answered"
row 6 "P7: the same, seen by the capture" partial-checksum 0 "$answered" capture
# ICMP for IPv4 has no pseudo-header: nothing tells a sum that was left to a device, which none does, from a wrong one.
row 4 "P7: a checksum of zero" partial-checksum 1 'lost and refused("bad-checksum")'
row 46 "P8: an echo reply with code 1" bad-code=1 1 'lost and refused("bad-code")'
row 46 "P9: eight octets, the payload gone" truncated-8 0 "$answered and odd(\"truncated\") and events(\"reply\")[0].size == 8"
row 46 "P9: the same, strictly" truncated-8 1 'odd("truncated")' --strict
row 46 "P9: less than an ICMP header" truncated=4 1 lost
row 46 "P10: an octet of the payload changed" wrong-payload=40 0 "$answered and odd(\"corrupt\") and summary.corrupt == 1"
row 46 "P10: an octet of the token changed" wrong-payload=3 0 "$answered and odd(\"corrupt\")"
row 46 "P10: the same, strictly" wrong-payload=40 1 'odd("corrupt")' --strict
row 46 "P11: a hundred octets more than were sent" longer 0 "$answered and odd(\"longer\") and events(\"reply\")[0].size == 164"
for when in zero future negative; do
  row 46 "P12: the time in the payload is $when" "payload-time=$when" 1 'lost and refused("wrong-token")'
  row 46 "P12: the same, then the answer" "payload-time=$when+good" 0 "$answered and events(\"reply\")[0].rtt_ms < 1000"
done
row 46 "P13: a wrong identifier" wrong-id 1 'lost and refused("wrong-id")'
row 46 "P13: a wrong identifier, seen by the capture" wrong-id 1 'lost and refused("wrong-id")' capture
row 46 "P13: a wrong identifier, then the answer" wrong-id+good 0 "$answered and refused(\"wrong-id\")"
row 46 "P14: our identifier and sequence around another payload" wrong-cookie 1 'lost and refused("wrong-token")'
row 46 "P15: a sequence number never sent" future-seq 1 'lost and refused("future-sequence")'
row 46 "P15: the sequence number before" good/wrong-seq 0 \
  'number("reply") == 1 and refused("wrong-token") and summary.lost == 1 and summary.loss_percent == 50' -c2 -i0.05
row 46 "P16: a duplicate" dup/good 0 \
  'number("duplicate") == 1 and summary.duplicates == 1 and summary.received == 2 and summary.loss_percent == 0' -c2 -i0.1
row 46 "P18: an answer after the timeout" late=0.5/good 0 \
  '(events("late")[0] | .seq == 1 and .rtt_ms > 490) and summary.late == 1 and summary.lost == 1 and summary.received == 3
   and summary.loss_percent == 25' -c4 -i0.3 -W0.25
row 46 "P19: twenty answers in reverse" reorder=20 0 \
  '(events("reply") | map(.rtt_ms)) as $rtt | summary.received == 20 and summary.reordered == 19
   and ($rtt | sort) == $rtt and ($rtt[19] - $rtt[0] | . > 185 and . < 400)' -c20 -i0.01
row 46 "P20: the right answer from another address" wrong-source 1 \
  'lost and refused("wrong-source") and events("rejected")[0].from == $router'
row 46 "P21: ten neighbours answer too" many-sources 0 \
  'summary.received == 2 and summary.rejected["wrong-source"] >= 10' -c2 -i0.1
row 46 "P25: an unreachable that quotes nothing" du-empty-quote 1 'lost and refused("bad-quote")'
row 46 "P26: a quote whose header length is beyond it" du-short-quote-ihl15 1 'lost and refused("bad-quote")'
row 4 "RFC 792's least quote" du-least-quote 1 'failed("host-unreachable") and summary.state == "unreachable"'
row 4 "P27: a quote with IP options" du-options-quote 1 'failed("host-unreachable") and summary.errors == 1'
row 46 "P28: an unreachable about another process's probe" du-foreign 1 'lost and number("error") == 0'
row 46 "P29: an unreachable about another destination" du-wrong-dst 1 'lost and number("error") == 0 and refused("foreign-quote")'
row 4 "P30: a redirect" redirect+good 0 "$answered and summary.errors == 0"
row 46 "P31: administratively prohibited" admin-prohibited 1 \
  'failed("admin-prohibited") and summary.reason == "admin-prohibited" and (events("error")[0] | .from == $router
   and [.icmp_type, .icmp_code] == (if $family == 4 then [3, 13] else [1, 1] end))'
code=0
for reason in net host protocol port; do
  row 4 "P31: unreachable, code $code" "du-code=$code" 1 "failed(\"$reason-unreachable\") and events(\"error\")[0].icmp_code == $code"
  code=$((code + 1))
done
row 4 "P31: an unreachable of an unknown code" du-code=200 1 'failed("unreachable") and summary.errors == 1'
row 46 "the hop limit exceeded on the way" ttl-exceeded 1 'failed("hop-limit-exceeded")'
for mtu in 0 68 1400 9000; do
  row 4 "P32: fragmentation needed, MTU $mtu" "frag-needed=$mtu" 1 \
    "failed(\"fragmentation-needed\") and (events(\"error\")[0].next_hop_mtu // 0) == $mtu"
done
row 4 "P33: source quench" source-quench+good 0 "$answered and summary.errors == 0"
row 46 "P33: a parameter problem" param-problem+good 0 "$answered and summary.errors == 0"
for kind in 1 2 7 15 41 43 200 255; do
  row 46 "P33: ICMP type $kind about the request" "type=$kind+good" 0 "summary.received + summary.errors == 1" either
done
row 6 "P34: a hundred extension headers" ext-chain 1 'summary.received + summary.lost == 1' either
row 6 "P34: the same, seen by the capture" ext-chain 1 lost capture
row 6 "three extension headers" ext-chain=3 0 "$answered and events(\"reply\")[0].size == 64"
row 6 "three extension headers, seen by the capture" ext-chain=3 0 "$answered and events(\"reply\")[0].size == 64" capture
row 6 "P34: an extension header that is cut" ext-truncated 1 lost
row 6 "P34: the same, seen by the capture" ext-truncated 1 lost capture
row 6 "P34: a jumbo payload" jumbo 1 lost
row 6 "P36: packet too big, MTU below 1280" packet-too-big=1000 1 'lost and refused("bad-mtu")'
row 6 "packet too big, MTU 1400" packet-too-big=1400 1 'failed("packet-too-big") and events("error")[0].next_hop_mtu == 1400'
row 46 "P37: two thousand answers to others, then ours" noise=2000+good 0 'summary.received == 2 and summary.lost == 0' -c2 -i0.3
row 46 "P38: an answer just before the timeout" late=0.6 0 "$answered and (events(\"reply\")[0].rtt_ms | . >= 600 and . < 1000)"
row 46 "P39: a long way, a longer patience" late=1.5 0 "$answered and (events(\"reply\")[0].rtt_ms | . >= 1500 and . < 2500)" -W4

prefix() { if [ "$1" = 4 ]; then echo 198.51.100; else echo 2001:db8:f:; fi; }
router() { if [ "$1" = 4 ]; then echo 198.51.100.254; else echo 2001:db8:f::fe; fi; }
answers=()
for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    separator=.
    [ "$family" = 4 ] || separator=:
    address=$(prefix "$family")$separator$((index + 1))
    answers+=("$address=${scripts[index]}")
    printf -v "address_${family}_$index" %s "$address"
  done
done
lab_up - <<<'host a'
lab_faults a 198.51.100.0/24 2001:db8:f::/64 from=192.0.2.1 from=2001:db8::1 "router=$(router 4)" "router=$(router 6)" \
  "${answers[@]}" 198.51.100.251=dup1000/good 2001:db8:f::251=dup1000/good

for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    address=address_${family}_$index
    words=(-c1 -W1)
    for word in ${options[index]}; do
      case $word in
        capture) words+=(--pcap "$LAB_TMP/row-$index-$family.pcap") ;;
        either) ;;
        *) words+=("$word") ;;
      esac
    done
    ping_start "row-$index-$family" a "${words[@]}" "${!address}"
  done
done
ping_wait
for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    lab_case "IPv$family, ${names[index]}"
    ping_of "row-$index-$family"
    # What the kernel lets through of these is its own affair: the run ends by the table either way.
    [[ ${options[index]} == *either* ]] || check_status "${wanted[index]}"
    check_records "\"$(router "$family")\" as \$router | $family as \$family | ${conditions[index]}"
    check "nothing is said on stderr" [ ! -s "$err" ]
  done
done

lab_case "a datagram socket: the kernel picks the answers, and what they say is still weighed"
lab_in a sh -c 'echo "0 0" >/proc/sys/net/ipv4/ping_group_range'
lab_faults a 198.18.1.0/24 2001:db8:d::/64 from=192.0.2.1 from=2001:db8::1 router=198.18.1.254 router=2001:db8:d::fe \
  198.18.1.1=dup/wrong-cookie+good 2001:db8:d::1=dup/wrong-cookie+good 198.18.1.2=admin-prohibited 2001:db8:d::2=admin-prohibited \
  198.18.1.3=frag-needed=1400 2001:db8:d::3=packet-too-big=1400 198.18.1.4=wrong-source 2001:db8:d::4=wrong-source \
  198.18.1.5=late=0.5/good 2001:db8:d::5=late=0.5/good 198.18.1.6=ttl-exceeded 2001:db8:d::6=ttl-exceeded
for net in 198.18.1. 2001:db8:d::; do
  for host in 1 2 3 4 5 6; do ping_start "datagram-$net$host" a --socket datagram -c3 -i0.3 -W0.25 "$net$host"; done
done
ping_wait
datagram() { # datagram HOST STATUS CONDITION
  for net in 198.18.1. 2001:db8:d::; do
    ping_of "datagram-$net$1"
    check_status "$2"
    check_records "$3"
  done
}
datagram 1 0 'summary | .received == 3 and .duplicates == 1 and .rejected["wrong-token"] >= 1'
datagram 2 1 'failed("admin-prohibited") and summary.errors == 3 and (events("error")[0].from | endswith("254") or endswith("fe"))'
datagram 3 1 '(failed("fragmentation-needed") or failed("packet-too-big")) and events("error")[0].next_hop_mtu == 1400'
datagram 4 1 'lost and refused("wrong-source")'
datagram 5 0 'summary | .late == 1 and .lost == 1 and .received == 2'
datagram 6 1 'failed("hop-limit-exceeded") and summary.errors == 3'

lab_case "P17: a thousand duplicates: each is counted, or said to be lost by our own receiver"
for address in 198.51.100.251 2001:db8:f::251; do
  ping_start "dup1000-$address" a -c2 -i0.8 "$address"
done
ping_wait
for address in 198.51.100.251 2001:db8:f::251; do
  ping_of "dup1000-$address"
  check_records 'summary | .duplicates + (.receiver_dropped // 0) == 1000 and .received == 2'
done

lab_case "P20 P27 P31: the words of the text lines"
lab_faults a 203.0.113.0/24 from=192.0.2.1 203.0.113.1=wrong-source 203.0.113.2=admin-prohibited 203.0.113.3=frag-needed=1400 \
  203.0.113.4=du-options-quote 203.0.113.5=wrong-payload=40 203.0.113.6=redirect+good 203.0.113.8=dup/good 203.0.113.9=dup1000/good
lab_run a "$PING" -c1 -W0.3 203.0.113.1
check_status 1
check_out '^From 203\.0\.113\.254 .*nother address'
lab_run a "$PING" -c1 203.0.113.2
check_out '^From 203\.0\.113\.254 icmp_seq=1 .*[Aa]dministratively [Pp]rohibited'
lab_run a "$PING" -c1 203.0.113.3
check_out '^From 203\.0\.113\.254 icmp_seq=1 Frag needed and DF set \(mtu = 1400\)'
lab_run a "$PING" -c1 203.0.113.4
check_out '^From 203\.0\.113\.254 icmp_seq=1 Destination Host Unreachable'
lab_run a "$PING" -c1 203.0.113.5
check_out '^64 bytes from 203\.0\.113\.5: icmp_seq=1 .*corrupt'
lab_run a "$PING" -c2 -i0.05 203.0.113.8
check_out '^64 bytes from 203\.0\.113\.8: icmp_seq=1 .*\(DUP!\)'
check_out '^2 packets transmitted, 2 received, \+1 duplicates, 0% packet loss'

lab_case "P17: a thousand duplicates do not fill the screen"
lab_run a "$PING" -c2 -i0.8 203.0.113.9
check_out '^More duplicates of icmp_seq=1 are only counted\.$'
check "ten of them are shown" [ "$(grep -c 'DUP!' "$out")" -eq 10 ]
check_out '^2 packets transmitted, 2 received, \+[0-9]{3,4} duplicates, '

lab_case "P23 P24: a hundred processes at once do not hear each other"
for number in $(seq 100); do ping_start "many-$number" a -c3 -i0.02 -W3 "203.0.113.$((number + 100))"; done
ping_wait
cat "$ping_kept"/many-*.json >"$out"
# Of a hundred random identifiers two may be alike: then each refuses the other's answers by their token.
check_records 'number("summary") == 100 and (events("summary") | all(.received == 3 and .duplicates == 0 and ((.rejected // {}) | keys - ["wrong-token", "future-sequence"] == [])))'

lab_case "P40: ten thousand probes on their way"
lab_faults a 198.18.0.0/24 from=192.0.2.1 default=late=2
lab_run a /usr/bin/time -f 'peak %M KiB' "$PING" --json -q -c 10000 -i 0.0001 -W 20 198.18.0.1
cp "$out" "$ping_kept/outstanding.quiet.json"
check_status 0
check_records 'summary.received == 10000 and summary.rtt_ms.min >= 2000'
peak=$(awk '/^peak/ { print $2 }' "$err")
check "less than 16 MiB: $peak KiB" [ "$peak" -lt 16384 ]

check_ping_law
lab_done
