# shellcheck shell=bash
# For the lab tests of diag-tcp: records_lib.sh, and the words for jq below. check_tcp_law once, at the end.
TOOL=${DIAG_BIN_DIR:-$(dirname "${BASH_SOURCE[0]}")/../../build/dev/bin}/diag-tcp
WORDS='
  def events(kind): map(select(.event == kind));
  def number(kind): events(kind) | length;
  def refused(why): any(.[]; .event == "anomaly" and .reason == why);
  def result: events("result")[0];
  def summary: last;
  def single: number("result") == 1 and number("summary") == 1 and summary.event == "summary";
  def is(state; why): single and result.state == state and result.reason == why;
  def strange: events("anomaly") | map(select(.reason != "bad-quote")) | length;  # what cannot be read is told to everybody
  def clean: strange == 0 and (summary.anomalies // 0) == 0;
  def who: .from // .address;
  def odd(what): (result.anomalies // []) | index(what) != null;
  def port(number): events("result") | map(select(.port == number)) | if length == 1 then .[0] else error("not one result of port \(number)") end;
'
. "$(dirname "${BASH_SOURCE[0]}")/records_lib.sh"

# A prefix of both families as the words of a command line take it: host 4 7 is 198.51.100.7, host 6 7 2001:db8:f::7.
host() { if [ "$1" = 4 ]; then echo "198.51.100.$2"; else echo "2001:db8:f::$2"; fi; }
bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }
check_tcp_law() { check_law tcp_law.py; }
