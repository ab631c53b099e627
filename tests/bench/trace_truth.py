"""What stands in the way on middleboxes.topo, and who says so.

usage: trace_truth.py BIN_DIR     (inside node a of middleboxes.topo)
A tool says a thing when its output has the words for it; `!` before a word: it says something that is not so. `-`: not said.
What people read out of a gap in the rows counts as said by nobody."""
import re
import sys

import far_server
import measure

CONTROL = "198.51.100.1"


def commands(binaries):
    """Tool: how it is asked about an address, a TCP port, the MTU; None: it cannot be asked."""
    ours = f"{binaries}/diag-traceroute"
    return {
        "diag-traceroute": {"plain": [ours, "-n", "-q1", "{}"], "tcp": [ours, "-n", "-q1", "-T", "-p443", "{}"],
                            "dscp": [ours, "-n", "-q1", "--dscp", "46", "{}"], "mtu": [ours, "-n", "--mtu", "{}"],
                            "port": [ours, "-n", "--locate", "{}", CONTROL], "back": [ours, "-n", "-q1", "-s", "203.0.113.1", "{}"]},
        "traceroute": {"plain": ["traceroute", "-n", "-q1", "-w1", "{}"], "tcp": ["traceroute", "-n", "-q1", "-w1", "-T", "-p443", "{}"],
                       "dscp": ["traceroute", "-n", "-q1", "-w1", "-t", "184", "{}"],
                       "mtu": ["traceroute", "-n", "-q1", "-w0.3", "--mtu", "-m8", "{}"],
                       "port": ["traceroute", "-n", "-q1", "-w0.3", "-T", "-p{}", CONTROL],
                       "back": ["traceroute", "-n", "-q1", "--back", "-s", "203.0.113.1", "{}"]},
        "mtr": {"plain": ["mtr", "-r", "-n", "-c1", "-G", "0.3", "{}"], "tcp": ["mtr", "-r", "-n", "-c1", "-G", "0.3", "-T", "-P443", "{}"],
                "dscp": ["mtr", "-r", "-n", "-c1", "-G", "0.3", "-Q", "184", "{}"],
                "port": ["mtr", "-r", "-n", "-c1", "-G", "0.3", "-T", "-P{}", CONTROL],
                "back": ["mtr", "-r", "-n", "-c1", "-G", "0.3", "-a", "203.0.113.1", "{}"]},
        "scamper": {"plain": ["scamper", "-c", "trace -w 1 -q 1", "-i", "{}"],
                    "tcp": ["scamper", "-c", "trace -w 1 -q 1 -P TCP -d 443", "-i", "{}"],
                    "dscp": ["scamper", "-c", "trace -w 1 -q 1 -t 184", "-i", "{}"],
                    "mtu": ["scamper", "-c", "trace -w 1 -q 1 -M", "-i", "{}"],
                    "port": ["scamper", "-c", "trace -w 1 -q 1 -P TCP -d {}", "-i", CONTROL],
                    "back": ["scamper", "-c", "trace -w 1 -q 1 -S 203.0.113.1", "-i", "{}"]},
        "nmap": {"port": ["nmap", "-n", "-Pn", "--reason", "--max-retries", "1", "-p{},443", "--traceroute", CONTROL]},
        "tcptraceroute": {"port": ["tcptraceroute.mt", "-n", "-q1", "-w1", "-m8", CONTROL, "{}"],
                          "tcp": ["tcptraceroute.mt", "-n", "-q1", "-w1", "{}", "443"]},
        "tracepath": {"plain": ["tracepath", "-n", "-m8", "{}"], "mtu": ["tracepath", "-n", "-m8", "{}"]},
    }


# case, how to ask, what about, words that say it
CASES = [
    ("tcp/445 is dropped between hop 3 and 4", "port", "445", r"dropped after hop 3 .*192\.0\.2\.9"),
    ("tcp/446 is dropped behind hop 4", "port", "446", r"dropped after hop 4 .*192\.0\.2\.13"),
    ("tcp/139 is reset by r4, not the target", "port", "139", r"139 is re(jected|set).*hop [45]|reset.*not .*target"),
    ("tcp/3389 is prohibited by r4", "port", "3389", r"rejected.*hop 4.*192\.0\.2\.13|192\.0\.2\.13 .*!X|admin-prohibited from 192\.0\.2\.13"),
    ("a NAT between hop 2 and 3", "plain", "198.51.100.11", r"(?i)\bnat\b|203\.0\.113\.9"),
    ("the MSS clamped between hop 3 and 4", "tcp", "198.51.100.20", r"(?i)(mss|segment).*1460.*1200"),
    ("the DSCP taken out between hop 3 and 4", "dscp", "198.51.100.30", r"(?i)(dscp|traffic class|tos)\b.*(\b0\b|taken|none|cs0)"),
    ("1400 octets from hop 3 to 4", "mtu", "198.51.100.40", r"F=1400|pmtu 1400|1400"),
    ("1400 octets, and a router that does not say so", "mtu", "198.51.100.41", r"(?i)black hole|1400"),
    ("r3 and r4 send it to each other", "plain", "198.51.100.50", r"(?i)\bloop\b"),
    ("answers come back over three hops more", "back", CONTROL, r"(?i)3 hops more|return|back|asymm|'-5'"),
]


def main():
    tools = commands(sys.argv[1])
    tools = {name: tools[name] for name, _ in measure.available([(name, [next(iter(asks.values()))[0]]) for name, asks in tools.items()])}
    rows, silent = [], dict.fromkeys(tools, 0)
    with far_server.listening("b", *(f"{port}=open" for port in (443, 445, 446, 139, 3389))):
        for what, how, about, words in CASES:
            cells = []
            for name, asks in tools.items():
                command = [word.replace("{}", about) for word in asks.get(how, [])]
                said = measure.run(command, timeout=15).output if command else ""
                found = re.search(words, said)
                silent[name] += not found
                cells.append("says so" if found else "-" if command else "cannot be asked")
            rows.append([what, *cells])
    rows.append(["not said", *silent.values()])
    measure.table("what stands in the way, and who says so", ["case", *tools], rows)
    return 0 if measure.verdict("diag-traceroute says all of it", silent["diag-traceroute"] == 0) else 1


sys.exit(main())
