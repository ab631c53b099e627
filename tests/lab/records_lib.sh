# shellcheck shell=bash
# For the lab tests of one program: lib.sh, and runs whose records are kept so that the law can be held against all of
# them. Sourced by ping_lib.sh and tcp_lib.sh, which say TOOL, the program, and WORDS, what jq should know besides.
#
#   tool_run a -c1 203.0.113.7         --json: records in $out, $status, $err as after lab_run
#   check_records 'number("reply") == 1'      jq over all records
#   tool_start p6 a -c1 203.0.113.7    the same in the background, a few at a time; tool_wait ends them all,
#   tool_of p6                         and this shows one as tool_run would
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ -x "$TOOL" ] || lab_skip "${TOOL##*/} is not built"
tool_kept=$LAB_TMP/kept
mkdir "$tool_kept"
tool_runs=0
tool_at_once=24  # more only wait for each other on two cores
tool_pids=()

# A user without any privilege, and a copy of the program that it can reach.
bare=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
bare_tool() {
  chmod 711 "$LAB_TMP"
  install -m 755 "$TOOL" "$LAB_TMP/${TOOL##*/}"
  printf '%s' "$LAB_TMP/${TOOL##*/}"
}

tool_run() {
  lab_run "$1" "$TOOL" --json "${@:2}"
  tool_runs=$((tool_runs + 1))
  cp "$out" "$tool_kept/run-$tool_runs.json"
}

tool_start() { start_as "$1" "$2" "$TOOL" "${@:3}"; }
start_as() { # NAME NODE COMMAND...: --json comes behind it
  local kept=$tool_kept/$1
  while [ "$(jobs -rp | wc -l)" -ge $((tool_at_once + ${#lab_jobs[@]})) ]; do wait -n; done
  {
    timeout --kill-after=2 30 ip netns exec "$LAB_PREFIX$2" "${@:3}" --json >"$kept.json" 2>"$kept.err" </dev/null
    echo $? >"$kept.status"
  } &
  tool_pids+=("$!")
}
tool_wait() {
  wait "${tool_pids[@]}"
  tool_pids=()
}
tool_of() {
  cp "$tool_kept/$1.json" "$out"
  cp "$tool_kept/$1.err" "$err"
  status=$(<"$tool_kept/$1.status")
}

check_records() { check "not so: $1" tool_records "$1"; }
tool_records() { jq -es "$WORDS $1" "$out" >/dev/null 2>>"$err"; }

check_law() {
  lab_case "every probe ends once, every packet is counted once"
  "$LAB_DIR/$1" "$tool_kept"/*.json >"$out" 2>"$err"
  status=$?
  check_status 0
}
