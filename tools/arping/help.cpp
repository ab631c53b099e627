// --help. Written by hand, because it must fit a screen of 50 lines; tests/tools/arping_options_test.cpp
// holds it to the options there are.
#include "tools/arping/options.hpp"

namespace diag::arping {

std::string_view help_text() {
  return R"(usage: diag-arping [options] TARGET...
TARGET is an address, a name, a prefix or a range; or a hardware address, to be found.

From where, and how
  -4, -6                     ARP or IPv6 neighbour discovery only
  -I, --interface IF         default: the route's    -S, --source ADDR (0.0.0.0 too)
  --source-mac MAC, --dest-mac MAC                   --vlan ID[.PCP] (twice: outer, inner)
  --ethertype N              --framing ethernet|snap|llc
  -b, --broadcast            ask everyone, each time --unicast (the owner, once known)
How often, how long
  -c, --count N              probes to each target (endless; a sweep: one)
  -C, --replies N            end after so many answers
  -i, --interval SEC         between probes to one target (1)
  -W, --timeout SEC          wait for one answer (1; a sweep: 0.5)
  -w, --deadline SEC         end of the whole run    --rate PPS (500), 0: no cap
  -r, --retries N            a sweep: further probes to the silent (1)
  --linger SEC               wait for a second owner (0.01)
  --check, --no-check        wait for second looks at owners, or take none
Many targets
  --local                    everything on the link  -f, --file FILE, - is stdin
  --shard I/N                the I-th of N shares    --all-addresses (of a name)
Other questions
  -D, --dad                  may I use it? (RFC 5227, RFC 4862)
  -U, -A, --announce request|reply                   I have it; after -D: if it is free
  --defend                   claim it, and hold it until Ctrl-C
  --rarp MAC, --inarp MAC    ask it for its own address
  --watch                    go on, and tell changes of ownership alone
Output
  -n, --numeric  -q, --quiet  -v, --verbose  -a, --audible (bell on answers)
  --format text|json|csv|nagios|openmetrics          --json
  --packets                  a line for every frame  --pcap FILE
  --color auto|always|never  -h, --help              -V, --version
Judgement (exit status: 0 one owner, 1 none, two, or not as expected, 2 usage, 3 ours)
  --expect-mac MAC, --expect-free                    --expect-count N|'>=N'|A..B
  --save FILE, --baseline FILE                       --compare FILE
  --warn EXPR, --crit EXPR   such as 'rtt>5ms or findings>0'

Examples
  diag-arping -c 3 192.0.2.1
  diag-arping --local -I eth0 --save lan.arp
  diag-arping --dad -I eth0 192.0.2.50
)";
}

}  // namespace diag::arping
