#!/usr/bin/env bash
# diag-arping --watch: who has the address now, who had it before, and when that changed.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/arping_lib.sh"
first=$(documented 07) second=$(documented ee)
lab_up - <<<'host a'
lab_hosts a "mac=$(documented 01)" from=192.0.2.1/24 from=2001:db8::1/64 \
  192.0.2.7=good*4/good=00.00.5e.00.53.ee 2001:db8::7=good*4/good=00.00.5e.00.53.ee \
  192.0.2.135=good*3/silent 192.0.2.136=silent*3/good 192.0.2.137=good*3/good+announce=00.00.5e.00.53.ee/good=00.00.5e.00.53.ee \
  2001:db8::37=good*3/good+announce=00.00.5e.00.53.ee/good=00.00.5e.00.53.ee 192.0.2.138=good \
  192.0.2.139=good*2/good=00.00.5e.00.53.ee/good

# No second looks: they would take their share of the scripts' steps.
watch() { tool_start "$1" a --watch --no-check -i0.2 -W0.15 "${@:2}"; }
watch four -c8 192.0.2.7
watch six -c8 2001:db8::7
watch leaves -c8 192.0.2.135
watch comes -c8 192.0.2.136
watch announced -c8 192.0.2.137
watch announced6 -c8 2001:db8::37
watch same -c8 192.0.2.138
watch flips -c8 192.0.2.139
tool_wait

changed() { # changed NAME CONDITION
  tool_of "$1"
  check_records "$2"
}
lab_case "another host answers from the fifth probe on"
for name in four six; do
  changed "$name" 'events("change") | map(select(.before == "'"$first"'" and .after == "'"$second"'" and (.announced | not))) | length == 1'
  # 0.2 s apart: the change is told between the end of the fourth probe and the sixth.
  changed "$name" '(events("change") | map(select(.before)) | .[0].time) as $when
    | (answers | map(select(.mac == "'"$second"'")) | .[0].time) as $heard | $when >= $heard[0:18] and $when[0:20] <= $heard[0:20]'
done
lab_case "it goes silent"
changed leaves 'any(events("change")[]; .before == "'"$(documented 87)"'" and (.after == null))'
lab_case "it appears"
changed comes 'any(events("change")[]; (.before == null) and .after == "'"$(documented 88)"'")'
lab_case "another announces the address"
changed announced 'any(events("change")[]; .before == "'"$(documented 89)"'" and .after == "'"$second"'" and .announced)'
changed announced6 'any(events("change")[]; .before == "'"$(documented 37)"'" and .after == "'"$second"'" and .announced)'
lab_case "nothing changes"
changed same 'events("change") | map(select(.before)) | length == 0'
lab_case "there and back"
changed flips 'events("change") | map(select(.before)) | map(.after) == ["'"$second"'", "'"$(documented 8b)"'"]'
lab_case "as text: a line with the time, who and who before"
lab_hosts a tap=tap1 from=198.51.100.1/24 198.51.100.7=good*2/good=00.00.5e.00.53.ee
lab_run a "$TOOL" --watch --no-check -i0.1 -c5 198.51.100.7
check "its first owner" [ "$(grep -cE "^[0-9-]+ [0-9:.]+  198\.51\.100\.7 is at $first" "$out")" -ge 1 ]
check "and the change, once" [ "$(grep -cE "^[0-9-]+ [0-9:.]+  198\.51\.100\.7 moved from $first .*to $second" "$out")" -eq 1 ]
lab_done
