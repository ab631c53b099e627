# shellcheck shell=bash
# For the lab tests of diag-arping: records_lib.sh, hosts that Linux cannot play, and the words for jq below.
# check_arping_law once, at the end.
#
#   lab_hosts a from=192.0.2.1/24 192.0.2.7=tagged=5     arp_responder.py in a node, ready when this returns
#   tool_begin a -i0.1 ...; tool_end             a run in the background, begun when this returns: its first record is there
TOOL=${DIAG_BIN_DIR:-$(dirname "${BASH_SOURCE[0]}")/../../build/dev/bin}/diag-arping
WORDS='
  def events(kind): map(select(.event == kind));
  def number(kind): events(kind) | length;
  def summaries: events("summary");
  def summary: summaries | if length == 1 then .[0] else error("\(length) summaries") end;
  def of(address): map(select(.address == address or .target == address));
  def refused(why): any(.[]; .event == "rejected" and .reason == why);
  def sees(what): any(.[]; .event == "sighting" and .kind == what);
  def found(what): [summaries[].details // [] | .[] | select(.finding == what)];
  def finds(what): any(summaries[]; (.findings // []) | index(what) != null) and (found(what) | all(.sentence != "") and length > 0);
  def answers: events("reply") | map(select(.second_look | not));
  def first_answers: answers | map(select((.duplicate or .late) | not));
  def clean: number("rejected") == 0 and all(summaries[]; ((.findings // []) - ["locally-administered", "many-addresses"]) == []);
  def is(verdict): summary.verdict == verdict;
  def owned(by): is("in-use") and summary.owners == [by] and summary.received == summary.sent and summary.sent > 0;
  def unanswered: is("no-answer") and answers == [] and summary.received == 0 and summary.lost == summary.sent;
'
. "$(dirname "${BASH_SOURCE[0]}")/records_lib.sh"

lab_hosts() { # NODE WORDS...
  local node=$1
  shift
  lab_responders=$((${lab_responders:-0} + 1))
  lab_start "$node" "$LAB_DIR/arp_responder.py" "--owner=$LAB_OWNER" --ready-fd=1 "$@"
}
tool_begin() { # NODE OPTIONS...
  # shellcheck disable=SC2016  # the inner shell's dollars
  lab_start "$1" sh -c 'exec "$@" 2>"$0"' "$LAB_TMP/begun.err" timeout --kill-after=2 30 "$TOOL" --json "${@:2}"
  begun_pid=$lab_pid begun_output=$lab_output
}
tool_end() {
  wait "$begun_pid"
  status=$?
  cp "$begun_output" "$out"
  cp "$LAB_TMP/begun.err" "$err"
  tool_runs=$((tool_runs + 1))
  cp "$out" "$tool_kept/run-$tool_runs.json"
}

# fields FILE FILTER FIELD...: one line a frame, parted by bars, as tshark reads it
fields() {
  local words=() field
  for field in "${@:3}"; do words+=(-e "$field"); done
  tshark -r "$1" -Y "$2" -T fields -E separator='|' "${words[@]}" 2>/dev/null
}
documented() { printf '00:00:5e:00:53:%s' "$1"; }  # hardware addresses of the topologies: RFC 9542 section 2.1.1
check_arping_law() { check_law arping_law.py; }
