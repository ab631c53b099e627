// --help. Written by hand, because it must fit a screen of 50 lines; tests/tools/ping_options_test.cpp holds it to
// the options there are.
#include "tools/ping/options.hpp"

namespace diag::ping {

std::string_view help_text() {
  return R"(usage: diag-ping [options] TARGET...
TARGET is a name, an address, a prefix (192.0.2.0/24) or a range (192.0.2.1-20).

From where, and how
  -4, -6                     IPv4 or IPv6 only       -I, --interface IF|ADDR
  -S, --source ADDR          our own address         -m, --mark N (firewall)
  -t, --ttl N                hop limit               --dscp N|NAME, -Q, --tos N
  -s, --size N               payload octets (56)     -p, --pattern HEX
  -M, --pmtudisc do|dont|want|probe                  -L, --no-loopback
  -b, --broadcast            allow broadcast         --socket best|raw|datagram
How often, how long
  -c, --count N              probes to each target (endless; a sweep: one)
  -i, --interval SEC         between probes to one target (1); a sweep: packets
  -W, --timeout SEC          wait for one answer (1)
  -w, --deadline SEC         end of the whole run
  -A, --adaptive             the next probe when the last is answered
  --flood                    the same, at least one every 10 ms (root)
  --rate PPS                 packets a second over all targets, 0: no cap
  --until up[:N]|down[:N]    end after N answers, or losses, in a row
Many targets
  -f, --file FILE            one target a line, - is standard input
  -g, --generate             the two targets are first and last of a range
  -r, --retries N            further probes to the silent (1)
  --alive, --unreachable     print only those, one address a line
  --sort KEY                 table by address, rtt, loss or target
  --shard I/N                the I-th of N shares    --all-addresses (of a name)
Other questions
  --mtu                      path MTU, and black holes
  --timestamp                ICMP timestamp: clock offset (IPv4)
Output
  -n, --numeric  -q, --quiet  -v, --verbose  -a, --audible  -D, --timestamps
  -O, --outstanding          a line for every lost probe
  --format text|json|csv|nagios|openmetrics          --json
  --packets                  a line for every frame  --pcap FILE
  --live                     view for the terminal   --plot FILE.svg
  --color auto|always|never  -h, --help              -V, --version
Judgement (exit status: 0 answered, 1 not, 2 usage, 3 our own failure)
  --warn EXPR, --crit EXPR   such as 'rtt.p95>50ms or loss>5%'
  --max-loss PCT             --strict: a corrupt answer is none

Examples
  diag-ping -c 3 example.org
  diag-ping --alive 192.0.2.0/24
  diag-ping --format nagios -c 5 --warn 'rtt>50ms' --crit 'loss>20%' 192.0.2.1
)";
}

}  // namespace diag::ping
