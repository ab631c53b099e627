#!/usr/bin/env bash
# Which addresses has a hardware address? By echo, InARP, RARP, and by asking it for each address of the link.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"

lab_up bridge8
found='events("found") | map(.address) | unique | sort'
lab_case "a host with four addresses, which answers no broadcast echo"
tool_run a -I eth0 -4 --rate 2000 "$(documented 18)"
check_status 0
check_records "$found == [\"192.0.2.18\", \"192.0.2.81\", \"192.0.2.82\", \"192.0.2.83\"]"
check_records 'summary.addresses | sort == ["192.0.2.18", "192.0.2.81", "192.0.2.82", "192.0.2.83"]'
check_records 'all(events("found")[]; .evidence == "asked" and .mac == "'"$(documented 18)"'")'

lab_case "without -I, without -4"
tool_run a --rate 2000 "$(documented 13)"
check_status 0
check_records "$found | index(\"192.0.2.13\") != null"

lab_case "as text"
lab_run a "$TOOL" -I eth0 -4 --rate 2000 "$(documented 15)"
check_status 0
check_out '192\.0\.2\.15'
check_no_out '192\.0\.2\.1[1-4678]'

lab_case "nobody has it"
tool_run a -I eth0 -4 --rate 2000 -W0.2 "$(documented 77)"
check_status 1
check_records 'number("found") == 0 and summary.verdict == "no-answer"'

lab_case "hosts that Linux cannot play: each found in its own way"
lab_hosts a tap=tap1 "mac=$(documented 02)" from=198.51.100.1/28 from=2001:db8:9::1/64 \
  "$(documented 21)=198.51.100.33+echo" "$(documented 22)=198.51.100.34+inarp" "$(documented 23)=198.51.100.35+rarp" \
  "$(documented 24)=2001:db8:9::24+echo" 198.51.100.9=good=00.00.5e.00.53.25
for row in "21 198.51.100.33 echo" "22 198.51.100.34 inarp" "24 2001:db8:9::24 echo" "25 198.51.100.9 asked"; do
  read -r host address how <<<"$row"
  tool_run a -I tap1 --rate 2000 -W0.3 "$(documented "$host")"
  check_status 0
  check_records "any(events(\"found\")[]; .address == \"$address\" and .evidence == \"$how\")"
  check_records "summary.addresses | index(\"$address\") != null"
done
lab_case "asked by name of the way"
tool_run a -I tap1 -W0.3 --rarp "$(documented 23)"
check_status 0
check_records 'any(events("found")[]; .address == "198.51.100.35" and .evidence == "rarp")'
tool_run a -I tap1 -W0.3 --inarp "$(documented 22)"
check_status 0
check_records 'any(events("found")[]; .address == "198.51.100.34" and .evidence == "inarp")'
tool_run a -I tap1 -W0.3 --inarp "$(documented 21)"
check_status 1
check_arping_law
lab_done
