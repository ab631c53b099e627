#!/usr/bin/env bash
# Many probes of diag-tcp: all decided, flat memory; interrupted and resumed, sharded; and nothing is left behind.
# shellcheck disable=SC2016,SC2317  # jq's dollars; functions called by name, through check
. "$(dirname "$0")/tcp_lib.sh"
most_kib=16384
lab_up pair
lab_start b "$LAB_DIR/tcp_server.py" 80=open
# shellcheck disable=SC2046
lab_start b "$LAB_DIR/tcp_server.py" $(seq -f '%g=open' 6001 6541 65000)
open_ports=$(seq 6001 6541 65000 | { echo 80; cat; } | sort -n)
lab_faults a 203.0.113.0/24 from=198.51.100.1 default=silent 203.0.113.7=good 203.0.113.9=closed

sweep() { # as lab_run, with the peak of the resident memory in $peak
  lab_run "$1" /usr/bin/time -o "$LAB_TMP/peak" -f %M "$TOOL" "${@:2}"
  peak=$(tail -n1 "$LAB_TMP/peak")
}
nothing_left() {
  check "no half-open connection at the far side" [ -z "$(lab_in b ss -Hnt state syn-recv)" ]
  check "no socket of ours is left" [ -z "$(lab_in a ss -Hnta | grep -v LISTEN)" ]
}

lab_case "65,535 ports of one host, by list"
sweep a --open 192.0.2.2:all
check_status 1
check "the open ones, once each: $(wc -l <"$out")" [ "$(sed 's/.*://' "$out" | sort -n)" = "$open_ports" ]
check "less than 16 MiB: $peak KiB" [ "$peak" -lt "$most_kib" ]
nothing_left

lab_case "65,536 hosts, one port"
sweep a --open 198.18.0.0/16:80
check_status 0
check "each once: $(wc -l <"$out")" [ "$(sort -u "$out" | wc -l)" -eq 65536 ]
check "none twice" [ "$(wc -l <"$out")" -eq 65536 ]
check "less than 16 MiB: $peak KiB" [ "$peak" -lt "$most_kib" ]
nothing_left
sweep a --json -q --all-addresses '[2001:db8:a::/112]:80'
check_status 0
check "one summary each" [ "$(grep -c '"event":"summary".*"open":1,' "$out")" -eq 65536 ]
cp "$out" "$tool_kept/six.quiet.json"

lab_case "what is named twice is asked once"
tool_run a 198.18.0.0/28:80 198.18.0.4:80,81 198.18.0.1-198.18.0.3:80
check_records 'number("result") == 17'

lab_case "shards part the run exactly"
for shard in 1 2 3; do
  lab_run a "$TOOL" --json --shard "$shard/3" 198.18.0.0/26:80,81
  cp "$out" "$tool_kept/shard-$shard.json"
done
jq -s '[.[] | select(.event == "result") | "\(.address) \(.port)"] | sort' "$tool_kept"/shard-*.json >"$LAB_TMP/union"
check "together 128 probes, none in two" [ "$(jq 'length == 128 and (unique | length) == 128' "$LAB_TMP/union")" = true ]

# begin OPTIONS...: in the background as $pid. Job control, or the shell has it ignore SIGINT.
begin() {
  : >"$out"
  set -m
  ip netns exec "${LAB_PREFIX}a" "$TOOL" "$@" >"$out" 2>"$err" </dev/null &
  pid=$!
  set +m
}
milliseconds() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 1000)); }
cut() { # cut SIGNAL AFTER
  sleep "$2"
  local from
  from=$(milliseconds)
  kill "-$1" "$pid"
  wait "$pid"
  status=$?
  took=$(($(milliseconds) - from))
}
plan=(203.0.113.0/24:80,443,8080,8443)  # 1,024 pairs, most of them silent
all=1024

for signal in INT TERM HUP; do
  lab_case "SIG$signal in the middle keeps what was found and prints a token; --resume does the rest"
  begin --json -r0 -W0.3 --rate 1500 "${plan[@]}"
  cut "$signal" 0.35
  cp "$out" "$tool_kept/first-$signal.cut.json"
  check "it took $took ms" [ "$took" -lt 250 ]
  check_records 'number("result") > 0 and number("result") < 1024 and (events("summary")[-1] | has("resume"))'
  token=$(jq -rs 'map(select(.event == "summary" and has("resume"))) | last.resume' "$out")
  tool_run a -r0 -W0.2 --rate 0 --resume "$token" "${plan[@]}"
  cp "$out" "$tool_kept/rest-$signal.json"
  check "status $status" [ "$status" -eq 1 ]
  jq -s '[.[] | select(.event == "result") | "\(.address) \(.port)"]' "$tool_kept/first-$signal.cut.json" "$tool_kept/rest-$signal.json" >"$LAB_TMP/union"
  check "both together are all: $(jq 'unique | length' "$LAB_TMP/union")" [ "$(jq 'unique | length' "$LAB_TMP/union")" -eq "$all" ]
  check "little is asked twice: $(jq length "$LAB_TMP/union")" [ "$(jq length "$LAB_TMP/union")" -lt $((all + 700)) ]
done
jq -s '[.[] | select(.event == "result" and .state != "filtered") | "\(.address) \(.port) \(.state)"] | unique' \
  "$tool_kept/first-INT.cut.json" "$tool_kept/rest-INT.json" >"$LAB_TMP/found"
check "four open and four closed among them" [ "$(jq 'map(split(" ")[2]) | group_by(.) | map(length) == [4, 4]' "$LAB_TMP/found")" = true ]

lab_case "the token in the text, and what it is not for"
begin -r0 -W0.3 --rate 1500 "${plan[@]}"
cut INT 0.3
check "it says how to go on" grep -q -- --resume "$out" "$err"
lab_run a "$TOOL" --resume "$token" 203.0.113.0/24:80
check_status 2
check "a token of another plan is refused in one line" [ "$(wc -l <"$err")" -eq 1 ]
lab_run a "$TOOL" --resume nonsense "${plan[@]}"
check_status 2

lab_case "a second interrupt stops at once"
begin --json -W5 "${plan[@]}"
sleep 0.2
kill -INT "$pid" 2>/dev/null
cut INT 0.05
check "it took $took ms" [ "$took" -lt 250 ]

lab_case "every interrupted run gives its account"
RANDOM=3
early=0
for number in $(seq 20); do
  begin --json -W0.5 "${plan[@]}"
  printf -v pause '0.%06d' $((RANDOM * 60000 / 32768))
  cut INT "$pause"
  if [ ! -s "$out" ] && [ "$status" -gt 128 ]; then early=$((early + 1)); continue; fi
  cp "$out" "$tool_kept/signal-$number.cut.json"
  check_records 'summary.event == "summary"'
  check "it took $took ms" [ "$took" -lt 250 ]
done
check "most of them were interrupted in main: $early were not" [ "$early" -lt 12 ]

lab_case "the ports of a killed run are free again"
begin -W5 --source-port 31000-31015 "${plan[@]}"
cut KILL 0.2
tool_run a --source-port 31000-31015 192.0.2.2:80
check_status 0
nothing_left

check_tcp_law
lab_done
