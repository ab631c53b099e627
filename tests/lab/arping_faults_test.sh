#!/usr/bin/env bash
# What diag-arping makes of wrong, strange and hostile answers: the project's fault list, A1 to A19, over ARP and neighbour
# discovery.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"

# A row is one address that answers as its script says, asked by a process of its own:
#   row FAMILIES NAME SCRIPT STATUS CONDITION [OPTIONS...]     CONDITION as for check_records; $mac is the host's
names=() families=() scripts=() wanted=() conditions=() options=()
row() {
  families+=("$1") names+=("$2") scripts+=("$3") wanted+=("$4") conditions+=("$5")
  options+=("${*:6}")  # none of them holds a blank
}
stranger='"00:00:5e:00:53:ee"'
right='owned($mac) and (answers | length) == 1 and summary.duplicates == 0'
forged() { printf 'unanswered and refused("%s")' "$1"; }

row 46 "a right answer" good 0 "$right and clean"
row 46 "nothing" silent 1 "unanswered and clean"
row 4 "A1: hardware addresses of 255 octets" hlen-255 1 "$(forged bad-arp-header)"
row 4 "A2: protocol addresses of 16 octets" plen-16 1 "$(forged bad-arp-header)"
row 4 "A3: a frame of 34 octets" short 1 "$(forged bad-arp-header)"
row 4 "A4: another hardware type" htype-6 1 "$(forged bad-arp-header)"
row 4 "A5: another protocol type" ptype-arp 1 "$(forged bad-arp-header)"
row 4 "A6: operation 9" operation=9 1 'unanswered'
row 4 "A6: operation 77" operation=77 1 "$(forged bad-operation)"
row 4 "A1 to A6, then the answer" hlen-255+plen-16+short+htype-6+ptype-arp+operation=77+good 0 "$right and summary.received == 1"
row 4 "A7: a request of the target" request 1 'unanswered and sees("request")'
row 46 "A7: a stranger asks for it too" asked-by-stranger+good 0 "$right"
row 4 "A8: the answer of another address" wrong-sender 1 unanswered
row 4 "A9: an answer to another asker" wrong-target 1 "$(forged wrong-target)"
row 46 "A10: an answer to another host" wrong-destination 1 unanswered
for invalid in 00.00.00.00.00.00 ff.ff.ff.ff.ff.ff; do
  row 46 "A11: an owner $invalid" "owner=$invalid" 1 "$(forged invalid-hardware)"
done
row 46 "A11: an owner that is a group" owner=01.00.5e.00.00.01 0 'owned("01:00:5e:00:00:01") and finds("multicast-hardware")'
row 46 "A12: a frame of another host" frame-from=00.00.5e.00.53.ee 0 \
  "owned(\$mac) and finds(\"spoofed\") and answers[0].frame_source == $stranger"
row 46 "A13: two owners" good+good=00.00.5e.00.53.ee 1 \
  "is(\"conflict\") and finds(\"conflict\") and (summary.owners | sort) == ([\$mac, $stranger] | sort)"
row 46 "A13: a second owner that is late within the linger" good/good+good=00.00.5e.00.53.ee 1 'is("conflict")' -c2 -i0.1 --no-check
row 4 "A14: an answer to everyone" to-everyone 0 "$right"
row 46 "A15: five times the same" dup=4 0 'owned($mac) and summary.duplicates == 4 and (answers | length) == 5 and (first_answers | length == 1)' --no-check
row 46 "A16: under a tag" tagged=5 1 "$(forged wrong-vlan)"
row 46 "A16: under two" qinq 1 "$(forged wrong-vlan)"
row 46 "A16: under a tag, and without" tagged=5+good 0 "$right and refused(\"wrong-vlan\") and finds(\"vlan-leak\")"
row 46 "A16: a priority is no VLAN" priority 0 "$right"
row 46 "A16: under the tag asked with" tagged=5.3 0 "$right" --vlan 5.3
row 46 "A16: under the tag asked with, another priority" tagged=5.7 0 "$right" --vlan 5
row 46 "A16: without the tag asked with" untagged 1 "$(forged wrong-vlan)" --vlan 5
row 46 "A16: under another tag" tagged=6 1 "$(forged wrong-vlan)" --vlan 5
row 46 "A16: a host of this VLAN alone, asked within" only-vlan=5 0 "$right and clean" --vlan 5
row 46 "A16: a host of this VLAN alone, asked without" only-vlan=5 1 unanswered
row 46 "A16: two tags, asked with two" good 0 "$right and clean" --vlan 5 --vlan 7
row 46 "A16: one of the two" tagged=5 1 "$(forged wrong-vlan)" --vlan 5 --vlan 7
row 46 "A16: in LLC and SNAP" snap 1 "$(forged wrong-framing)"
row 4 "A16: in LLC" llc 1 "$(forged wrong-framing)"
row 46 "A16: in LLC and SNAP, asked so" good 0 "$right and clean" --framing snap
row 4 "A16: in LLC, asked so" good 0 "$right and clean" --framing llc
row 4 "A16: in LLC and SNAP, and another protocol" llc-lie 1 unanswered
row 46 "A17: padding that is junk" junk-padding 0 "$right and clean"
row 46 "A17: no padding" unpadded 0 "$right and clean"
row 46 "A18: announces itself at once" announce+good 0 "$right and sees(\"KIND\") and finds(\"announced\")"
row 46 "announces itself between two questions" good+announce-late=0.1/good 0 \
  "owned(\$mac) and sees(\"KIND\") and finds(\"announced\") and summary.sent == 2" -c2 -i0.3 --no-check
row 46 "another announces it" announce=00.00.5e.00.53.ee+good 0 "owned(\$mac) and finds(\"announced-elsewhere\")"
row 46 "another is about to claim it" probe+good 0 "owned(\$mac) and sees(\"probe\") and finds(\"probed\")"
row 46 "our own question comes back" loop+good 0 "$right"
row 46 "answers when asked alone" unicast-only 0 'owned($mac)' --dest-mac MAC
row 46 "answers when asked alone, and is not" unicast-only 1 unanswered
row 46 "answers when everyone is asked" broadcast-only 0 'owned($mac) and finds("broadcast-only")' --check
row 4 "a target hardware address that is not ours" wrong-target-hardware 0 'owned($mac) and finds("wrong-target")'
row 46 "after the timeout" late=0.4/good 0 \
  'summary.late == 1 and summary.lost == 1 and summary.received == 1 and any(answers[]; .late)' -c2 -i0.6
row 46 "outage of two" good/silent*2/good 0 'summary.received == 2 and summary.lost == 2 and is("in-use")' -c4 -i0.3 --no-check
row 6 "flags: solicited alone" flags=s 0 'owned($mac) and finds("no-override") and (answers[0] | .solicited and (.override | not) and (.router | not))'
row 6 "flags: all" flags=rso 0 'owned($mac) and (answers[0] | .solicited and .override and .router)'
row 6 "flags: solicited, router" flags=rs 0 'owned($mac) and (answers[0] | .solicited and .router)'
row 6 "flags: not solicited" flags=o 0 'owned($mac) and (answers[0].solicited | not)'
row 6 "flags: none" flags= 0 'owned($mac) and (answers[0] | .solicited or .override or .router | not)'
row 6 "no link-layer address in it" no-option 0 'owned($mac)'
row 6 "through a router" hop-limit-64 1 "$(forged bad-hop-limit)"
row 6 "a bad checksum" bad-checksum 1 "$(forged bad-checksum)"
row 6 "another code" code-1 1 "$(forged bad-neighbor-message)"
row 6 "solicited, to everyone" solicited-to-all 1 "$(forged bad-neighbor-message)"
row 6 "an option of length 0" option-len-0 1 "$(forged bad-neighbor-message)"
row 6 "cut" cut-20 1 "$(forged bad-neighbor-message)"
row 6 "the target is a group" multicast-target 1 "$(forged bad-neighbor-message)"
row 6 "another target" wrong-nd-target 1 unanswered
row 6 "to another address of ours" wrong-nd-destination 1 "$(forged wrong-target)"
row 6 "from another address of the owner" other-source 0 'owned($mac)'

lab_up - <<<'host a'
answers=()
for index in "${!names[@]}"; do
  number=$((index + 10))
  answers+=("192.0.2.$number=${scripts[index]}" "2001:db8::$number=${scripts[index]}")
done
lab_hosts a mac="$(documented 01)" from=192.0.2.1/24 from=2001:db8::1/64 "${answers[@]}"

for index in "${!names[@]}"; do
  for family in 4 6; do
    [[ ${families[index]} == *$family* ]] || continue
    number=$((index + 10))
    if [ "$family" = 4 ]; then address=192.0.2.$number last=$(printf %02x "$number"); else address=2001:db8::$number last=$number; fi
    lab_case "IPv$family, ${names[index]}"
    asking=${options[index]/MAC/$(documented "$last")}
    condition=${conditions[index]/KIND/$([ "$family" = 4 ] && echo announcement || echo advertisement)}
    # shellcheck disable=SC2086  # words
    tool_run a -c1 -W0.25 $asking "$address"
    check_status "${wanted[index]}"
    check_records "\"$(documented "$last")\" as \$mac | $condition"
    check "nothing is said on stderr" [ ! -s "$err" ]
  done
done

lab_case "answers only when asked alone, and this host remembers where it was"
lab_hosts a tap=tap3 "mac=$(documented 02)" from=198.18.3.1/24 from=2001:db8:3::1/64 198.18.3.7=unicast-only 2001:db8:3::7=unicast-only \
  198.18.3.8=silent
for address in 198.18.3.7 2001:db8:3::7; do
  lab_in a ip neigh replace "$address" lladdr "$(documented 07)" dev tap3 nud stale
  tool_run a -c1 -W0.25 --check "$address"
  check_records "finds(\"unicast-only\") and found(\"unicast-only\")[0].mac == \"$(documented 07)\" and summary.owners == [\"$(documented 07)\"]"
done
lab_in a ip neigh replace 198.18.3.8 lladdr "$(documented 08)" dev tap3 nud stale
tool_run a -c1 -W0.25 --check 198.18.3.8
check_status 1
check_records 'unanswered and (finds("unicast-only") | not)'

lab_case "A18: fifty thousand announcements by another in a second: our own answer is found, in little memory"
lab_hosts a tap=tap1 from=198.51.100.1/24 from=2001:db8:1::1/64 198.51.100.7=storm 2001:db8:1::7=storm=20000
for address in 198.51.100.7 2001:db8:1::7; do
  lab_run a /usr/bin/time -o "$LAB_TMP/peak" -f %M "$TOOL" --json -q -c1 -W9 "$address"
  check_status 0
  check_records 'summary.received == 1 and summary.owners == ["00:00:5e:00:53:07"]'
  peak=$(tail -n1 "$LAB_TMP/peak")
  check "less than 16 MiB: $peak KiB" [ "$peak" -lt 16384 ]
done

lab_case "A19: one owner of everything, and of an address that cannot be"
lab_hosts a tap=tap2 from=203.0.113.1/24 0.0.0.0/0 default=good=00.00.5e.00.53.99
tool_run a --check --rate 1000 203.0.113.10-203.0.113.60
check_status 0
check_records 'finds("proxy-arp") and (found("proxy-arp") | map(.mac) | unique == ["00:00:5e:00:53:99"])'
check_records 'summaries | length == 51 and all(.owners == ["00:00:5e:00:53:99"])'

check_arping_law
lab_done
