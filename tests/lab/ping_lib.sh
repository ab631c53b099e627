# shellcheck shell=bash
# For the lab tests of diag-ping: records_lib.sh by this program's name.
#
#   ping_run, ping_start, ping_wait, ping_of     as tool_run and so on there
#   check_records 'number("reply") == 1 and summary.received == 1'      the words are below
#   check_ping_law                               the conservation law in every run so far; once, at the end
TOOL=${DIAG_BIN_DIR:-$(dirname "${BASH_SOURCE[0]}")/../../build/dev/bin}/diag-ping
WORDS='
  def events(kind): map(select(.event == kind));
  def number(kind): events(kind) | length;
  def refused(why): any(.[]; .event == "rejected" and .reason == why);
  def failed(why): any(.[]; .event == "error" and .reason == why);
  def odd(what): any(.[]; .event == "reply" and ((.anomalies // []) | index(what)) != null);
  def summary: last;
  def lost: number("reply") == 0 and number("timeout") == number("timeout") and summary.received == 0 and summary.state == "silent";
'
. "$(dirname "${BASH_SOURCE[0]}")/records_lib.sh"

PING=$TOOL
ping_kept=$tool_kept
ping_run() { tool_run "$@"; }
ping_start() { tool_start "$@"; }
ping_wait() { tool_wait; }
ping_of() { tool_of "$@"; }
check_ping_law() { check_law ping_law.py; }
