# shellcheck shell=bash
# For the lab tests of diag-traceroute: records_lib.sh, the truth of the topologies, and the words for jq below.
# check_traceroute_law once, at the end.
#
#   hop 4 7; hop 6 7                       the address of hop 7 on chain10 and middleboxes
#   along 4 10 198.51.100.1                the JSON array of hops 1 to 10 and the target behind them, for `path == ...`
#   rules r4 'table ip x { ... }'          nftables rules added to a node; no_rules r4 ip x takes the table out
#   icmp_limits on r1 r2 b                 the kernel's own limits on ICMP errors
TOOL=${DIAG_BIN_DIR:-$(dirname "${BASH_SOURCE[0]}")/../../build/dev/bin}/diag-traceroute
WORDS='
  def events(kind): map(select(.event == kind));
  def number(kind): events(kind) | length;
  def summary: events("summary") | if length == 1 then .[0] else error("not one summary") end;
  def hops: events("hop");
  def hop(number): hops | map(select(.hop == number)) | if length == 1 then .[0] else error("not one row of hop \(number)") end;
  def probe(number): hop(number).probes[0];
  def path: hops | map([.probes[].address // "*"] | unique | join("/"));
  def of(target): map(select(.target == target));
  def silent(number): hop(number).probes | all(.state == "silent" and (has("address") | not));
  def refused(why): any(.[]; .event == "rejected" and .reason == why);
  def refusals: number("rejected");
  def found(what): [(summary.findings // [])[] | select(.finding == what)];
  def finds(what): found(what) | length > 0;
  def clean: (summary.findings // []) == [] and (events("rejected") | all(.reason == "bad-quote"));  # what cannot be read is told to everybody
  def located: events("locate") | if length == 1 then .[0] else error("not one location") end;
'
. "$(dirname "${BASH_SOURCE[0]}")/records_lib.sh"

hop() { if [ "$1" = 4 ]; then echo "192.0.2.$((4 * $2 - 3))"; else echo "2001:db8:0:$2::1"; fi; }
target() { if [ "$1" = 4 ]; then echo "198.51.100.$2"; else echo "2001:db8:f::$2"; fi; }
along() {
  local number said=
  for ((number = 1; number <= $2; number++)); do said+="\"$(hop "$1" "$number")\", "; done
  echo "[$said\"$3\"]"
}

rules() { lab_in "$1" nft -f - <<<"$2"; }
no_rules() { lab_in "$1" nft delete table "$2" "$3"; }
icmp_limits() {
  local node four=0 six=0
  [ "$1" = off ] || four=6168 six=0-1,3-127  # the kernel's defaults, Documentation/networking/ip-sysctl.rst
  for node in "${@:2}"; do
    lab_in "$node" sh -c "echo $four >/proc/sys/net/ipv4/icmp_ratemask && echo $six >/proc/sys/net/ipv6/icmp/ratemask"
  done
}

check_traceroute_law() { check_law traceroute_law.py; }

# lab_paths NODE WORDS...: a path responder of its own device in NODE, ready when this returns.
lab_paths() {
  local node=$1
  shift
  lab_responders=$((${lab_responders:-0} + 1))
  lab_start "$node" "$LAB_DIR/path_responder.py" "tun=faults$lab_responders" "--owner=$LAB_OWNER" --ready-fd=1 "$@"
}
