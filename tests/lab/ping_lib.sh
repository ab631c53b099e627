# shellcheck shell=bash
# For the lab tests of diag-ping: lib.sh, and runs whose records are kept so that the law can be held against all of them.
#
#   ping_run a -c1 203.0.113.7         --json: records in $out, $status, $err as after lab_run
#   check_records 'number("reply") == 1 and summary.received == 1'      jq over all records; the words are below
#   ping_start p6 a -c1 203.0.113.7    the same in the background, a few at a time; ping_wait ends them all,
#   ping_of p6                         and this shows one as ping_run would
#   check_law                          the conservation law in every run so far; once, at the end
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PING=$DIAG_BIN_DIR/diag-ping
[ -x "$PING" ] || lab_skip "diag-ping is not built"
ping_kept=$LAB_TMP/kept
mkdir "$ping_kept"
ping_runs=0
ping_at_once=24  # more only wait for each other on two cores

ping_words='
  def events(kind): map(select(.event == kind));
  def number(kind): events(kind) | length;
  def refused(why): any(.[]; .event == "rejected" and .reason == why);
  def failed(why): any(.[]; .event == "error" and .reason == why);
  def odd(what): any(.[]; .event == "reply" and ((.anomalies // []) | index(what)) != null);
  def summary: last;
  def lost: number("reply") == 0 and number("timeout") == number("timeout") and summary.received == 0 and summary.state == "silent";
'

ping_run() {
  lab_run "$1" "$PING" --json "${@:2}"
  ping_runs=$((ping_runs + 1))
  cp "$out" "$ping_kept/run-$ping_runs.json"
}

ping_start() {
  local kept=$ping_kept/$1
  while [ "$(jobs -rp | wc -l)" -ge $((ping_at_once + ${#lab_jobs[@]})) ]; do wait -n; done
  {
    timeout --kill-after=2 30 ip netns exec "$LAB_PREFIX$2" "$PING" --json "${@:3}" >"$kept.json" 2>"$kept.err" </dev/null
    echo $? >"$kept.status"
  } &
  ping_pids+=("$!")
}
ping_wait() {
  wait "${ping_pids[@]}"
  ping_pids=()
}
ping_of() {
  cp "$ping_kept/$1.json" "$out"
  cp "$ping_kept/$1.err" "$err"
  status=$(<"$ping_kept/$1.status")
}

check_records() { check "not so: $1" ping_records "$1"; }
ping_records() { jq -es "$ping_words $1" "$out" >/dev/null 2>>"$err"; }

check_law() {
  lab_case "every probe ends once, every packet is counted once"
  "$LAB_DIR/ping_law.py" "$ping_kept"/*.json >"$out" 2>"$err"
  status=$?
  check_status 0
}
