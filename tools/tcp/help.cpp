// --help. Written by hand, because it must fit a screen; tests/tools/tcp_options_test.cpp holds it to the
// options there are.
#include "tools/tcp/options.hpp"

namespace diag::tcp {

std::string_view help_text() {
  return R"(usage: diag-tcp [options] TARGET[:PORTS]...
TARGET is a name, an address, a prefix (192.0.2.0/24) or a range (192.0.2.1-20),
an IPv6 address with ports in brackets. PORTS is 22,80,8000-8100,https or all.

From where, and how
  -4, -6                     IPv4 or IPv6 only       -I, --interface IF|ADDR
  -S, --source ADDR          our own address         -m, --mark N (firewall)
  -t, --ttl N                hop limit               --dscp N|NAME
  --source-port N[-M]        our own ports           --flows N  ports to ask from
What is sent (a SYN; without privileges the kernel's own handshake)
  --connect                  the kernel's handshake  --ack, --fin, --null
  --flags SYN,ECE,CWR        a segment with these    --mss N, --wscale N
  --profile linux|windows|macos|bare|FILE            how the SYN looks
  --data TEXT                say this when it stands --banner  what does it say?
How often, how long
  -p, --ports LIST           of targets that have none of their own
  -c, --count N              rounds (1), 0: endless  -i, --interval SEC (1)
  -W, --timeout SEC          wait for one answer (1) -r, --retries N (2)
  -w, --deadline SEC         end of the whole run
  --rate PPS                 packets a second, 0: no cap
  --linger SEC               listen on for conflicting answers (0)
Many targets
  -f, --file FILE            one target a line, - is standard input
  --shard I/N                the I-th of N shares    --all-addresses (of a name)
  --in-order                 do not shuffle          --resume TOKEN
Policies
  --policy FILE              lines TARGET PORTS EXPECTATION [NAME] are tests
  --report tap|junit|json|text|html                  how they are told
  --baseline FILE            write what was seen as a policy
  --compare FILE             what is other than FILE says
  --dry-run                  say what would be asked, send nothing
Output
  -n, --numeric  -q, --quiet  -v, --verbose  --open (only ADDRESS:PORT of those)
  --format text|json|csv|nagios|openmetrics          --json
  --packets                  a line for every frame  --pcap FILE
  --color auto|always|never  -h, --help              -V, --version
Judgement (exit status: 0 as expected, 1 not, 2 usage, 3 our own failure)
  --expect STATE[|STATE...]  open, closed, filtered, rejected, unreachable, error
  --warn EXPR, --crit EXPR   such as 'rtt.p95>50ms or filtered>0'

Examples
  diag-tcp example.org:443
  diag-tcp --open -p 22,80,443 192.0.2.0/24
  diag-tcp --policy dmz.policy --report tap
)";
}

}  // namespace diag::tcp
