#!/usr/bin/env bash
# What diag-traceroute concludes: conditions, rows of several flows, times that agree, packets too large for this host.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/traceroute_lib.sh"

lab_up middleboxes
for family in 4 6; do
  lab_case "a finding is a condition, IPv$family"
  where=$(target "$family" 30)
  lab_run a "$TOOL" -n -q1 --dscp 46 --crit 'findings>0' "$where"
  check_status 1
  lab_run a "$TOOL" -n -q1 --crit 'findings>0' "$where"
  check_status 0
  lab_run a "$TOOL" -n -q1 --dscp 46 --format nagios --warn 'findings>0' "$where"
  check_status 1
  check_out 'TRACEROUTE WARNING - .*findings 1 > 0'
done
lab_case "a packet that is fragmented on the way"
lab_run a "$TOOL" -n -q1 --size 1450 "$(target 4 40)"
check_out '^packet length 1450 becomes 1396 between hop 3 \(192\.0\.2\.9\) and hop 4 \(192\.0\.2\.13\): it is fragmented$'
lab_case "a packet that does not fit the interface"
for option in '' -F -6; do
  family=4
  [ "$option" = -6 ] && family=6
  # shellcheck disable=SC2086
  lab_run a "$TOOL" -n $option --size 3000 "$(target "$family" 1)"
  check_status 3
  check_err 'larger than the MTU of the interface, and packets are not fragmented here \(give a smaller --size; --mtu finds what fits\)'
done
for family in 4 6; do
  lab_case "the time of the verdict is one of the table, IPv$family"
  for options in '-q1' '-q3' '--report 4 --interval 0.05' '-T -q1' '-I -q1'; do
    # shellcheck disable=SC2086
    lab_run a "$TOOL" -n $options "$(target "$family" 1)"
    check_status 0
    least=$(sed -nE 's/^reached .* at hop 6 in ([0-9.]+) ms.*/\1/p' "$out")
    check "$options: the row of hop 6 has $least" grep -qE "^ *6(\.\|--)? .* $least( |\$)" "$out"
  done
done

lab_up diamond
for family in 4 6; do
  lab_case "of each flow the text tells whom it met, IPv$family"
  lab_run a "$TOOL" -n -q2 --flows 16 "$(target "$family" 4)"
  cp "$out" "$LAB_TMP/text"
  check_status 0
  check "every flow of hop 2 stands behind one address" \
    [ "$(sed -nE '/^ 2 /,/^ 3 /{/^ 3 /d;s/.*  flows? ([0-9,-]+)$/\1/p}' "$LAB_TMP/text" | tr ',' '\n' |
      while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done | sort -n | tr '\n' ' ')" = "$(seq 16 | tr '\n' ' ')" ]
  check "one line for each address" [ "$(awk '/^ 2 /,/^ 3 /' "$LAB_TMP/text" | grep -c '  flows\? ')" -ge 2 ]
  check "no flows where all met the same" grep -qE '^ 1  [0-9a-f.:]+(  [0-9.]+ ms){32}$' "$LAB_TMP/text"
done
lab_done
