// --help. Written by hand, because it must fit a screen; tests/tools/traceroute_options_test.cpp holds it to
// the options there are.
#include "tools/traceroute/options.hpp"

namespace diag::traceroute {

std::string_view help_text() {
  return R"(usage: diag-traceroute [options] TARGET...
TARGET is a name, an address, a prefix (192.0.2.0/24) or a range (192.0.2.1-20).

What is sent (UDP to port 33434)
  -I, --icmp  -T, --tcp  --ack (TCP)  -U, --udp (to port 53)  -p, --port N
  -q, --queries N  probes a hop (3)      -f, --first N  first hop (1)
  -m, --max-hops N last hop (30)         -N, --window N hops asked ahead (16)
  -z, --sendwait SEC between two probes  -F, --dont-fragment
  --size N of the packet                 -t, --tos N    --dscp N|NAME
  -l, --flow-label N (IPv6)              --source-port N
  --profile linux|windows|macos|bare|FILE  how a SYN looks
From where
  -4, -6  IPv4 or IPv6 only              -i, --interface IF
  -s, --source ADDR                      --mark N (firewall)
How fast, how long
  -W, --timeout SEC  wait for an answer at most (3)
  -w, --deadline SEC  of the run         --rate PPS  0: no cap
Other questions
  --mtu    what fits, hop by hop         --mda  all load-balanced paths
  --locate PORTS  where a firewall sits  --control PORTS  that should pass
  --report N  loss and times over N rounds, 0: until interrupted
  --live   the same on the terminal      --interval SEC  between rounds (1)
  --flows N  source ports to ask from
Many targets
  --file FILE  one a line, - is stdin    --shard I/N  the I-th of N shares
  --all-addresses  of a name             --doubletree  share the first hops
Output
  -n, --numeric  no names                -e, --extensions  MPLS, interfaces
  -A, --as  AS of each hop               --asn FILE  where from (DIAG_ASN)
  --quiet  -v, --verbose                 --color auto|always|never
  --format text|json|csv|nagios|openmetrics          --json
  --packets  a line for every frame      --pcap FILE
  --plot FILE.svg  --dot FILE            -h, --help  -V, --version
Judgement (exit status: 0 reached, 1 not, 2 usage, 3 our own failure)
  --save FILE  the path as it is         --expect FILE  it must be the same
  --warn EXPR, --crit EXPR               such as 'hops>12 or rtt>50ms'

Examples
  diag-traceroute example.org
  diag-traceroute -T -p 443 --report 10 example.org
  diag-traceroute --locate 445 192.0.2.9
)";
}

}  // namespace diag::traceroute
