"""Many TCP ports behind a veth: who finds the open ones, how fast, at what cost. And one port, from start to exit.

usage: tcp_sweep.py BIN_DIR ports|hosts|one [ROUNDS]     (inside the near namespace of pair.topo)
  ports   65,535 ports of one host: ten open, a RST from the rest
  hosts   one port of 65,536 hosts, all open
  one     one probe of one open port"""
import contextlib
import re
import subprocess
import sys

import far_server
import measure

HOST, PREFIX = "192.0.2.2", "198.18.0.0/16"
OPEN = [22, 80, 443, 1024, 8080, 20000, 33333, 49152, 60001, 65535]


def far_mac():
    """masscan and zmap do not look the next hop up by themselves here."""
    subprocess.run(["ping", "-c", "1", HOST], stdout=subprocess.DEVNULL, check=False)
    said = subprocess.run(["ip", "neighbour", "show", HOST], capture_output=True, text=True, check=True).stdout
    return re.search(r"lladdr (\S+)", said).group(1)


def masscan(*words):
    return ["masscan", *words, "-e", "eth0", "--router-mac", far_mac(), "--rate", "100000", "--wait", "1", "-oL", "-"]


@contextlib.contextmanager
def trickle():
    """masscan does not see the end of its wait on a quiet link: five packets a second of somebody else's."""
    with subprocess.Popen(["ping", "-q", "-i", "0.2", HOST], stdout=subprocess.DEVNULL) as pinging:
        try:
            yield
        finally:
            pinging.terminate()


def contestants(binaries, which):
    ours = f"{binaries}/diag-tcp"
    if which == "ports":
        return [
            ("diag-tcp", [ours, "--open", f"{HOST}:all"], r":(\d+)$"),
            ("nmap -sS -T4", ["nmap", "-n", "-Pn", "-sS", "-T4", "-p-", "-oG", "-", HOST], r"(\d+)/open"),
            ("masscan", masscan("-p1-65535", HOST), r"^open tcp (\d+)"),
            ("hping3 --scan", ["hping3", "-I", "eth0", "--scan", "1-65535", "-S", HOST], r"^ *(\d+) .*S\.\.A"),
        ]
    if which == "hosts":
        return [
            ("diag-tcp", [ours, "--open", f"{PREFIX}:80"], r"^([\d.]+):80$"),
            ("zmap -r 0", ["zmap", "-q", "-i", "eth0", "-G", far_mac(), "-S", "192.0.2.1", "-r", "0", "-c", "1", "-p", "80",
                           "-b", "/dev/null", "-o", "-", PREFIX], r"^(198[\d.]+)$"),
            ("masscan", masscan("-p80", PREFIX), r"^open tcp 80 (198[\d.]+)"),
            ("nmap -sS -T4", ["nmap", "-n", "-Pn", "-sS", "-T4", "-p80", "-oG", "-", PREFIX], r"^Host: (198[\d.]+) .*80/open"),
        ]
    return [
        ("diag-tcp", [ours, f"{HOST}:80"], None),
        ("diag-tcp --connect", [ours, "--connect", f"{HOST}:80"], None),
        ("nmap -sS", ["nmap", "-n", "-Pn", "-sS", "-p80", HOST], None),
        ("tcptraceroute", ["tcptraceroute.mt", "-n", HOST, "80"], None),
        ("traceroute -T", ["traceroute", "-n", "-T", "-q1", "-p80", HOST], None),
        ("hping3", ["hping3", "-I", "eth0", "-q", "-S", "-p", "80", "-c", "1", HOST], None),
        ("nping", ["nping", "--tcp", "-p80", "-c1", HOST], None),
        ("nc -z", ["nc", "-z", HOST, "80"], None),
        ("true", ["/bin/true"], None),
    ]


# Takes half a minute: seen once is enough.
ONCE = {"hping3 --scan"}


def truth_of(which):
    if which == "ports":
        return {str(port) for port in OPEN}
    return {f"198.18.{high}.{low}" for high in range(256) for low in range(256)} if which == "hosts" else set()


class Entrant:
    """What the runs of one contestant amount to."""

    def __init__(self, row, runs, truth, probes):
        name, command, shape = row
        found = [re.findall(shape, run.output, re.MULTILINE) if shape else [] for run in runs]
        self.name, self.walls = name, [run.wall for run in runs]
        self.wall = measure.median(self.walls)
        self.cpu = measure.median(run.cpu for run in runs) / probes * 1e6
        self.memory = measure.peak(command)
        self.missed = max(len(truth - set(each)) for each in found)
        self.false = max(len(set(each) - truth) for each in found)
        self.twice = max(len(each) - len(set(each)) for each in found)

    def ratio(self, other):
        """Of walls, pair by pair: the runs were taken in turn."""
        return measure.median(a / b for a, b in zip(self.walls, other.walls))


def many(which, entrants, probes, reference, goal):
    ours, other = entrants["diag-tcp"], entrants.get(reference)
    rows = [[one.name, f"{one.wall:.3f}", f"{one.ratio(other):.2f}" if other else "-", f"{one.cpu:.1f}", f"{one.memory:.1f}",
             one.missed, one.false, one.twice] for one in entrants.values()]
    title = "65,535 ports of one host, 10 open" if which == "ports" else "one port of 65,536 hosts, all open"
    measure.table(f"{title}: median of {len(ours.walls)}, taken in turn",
                  ["tool", "wall s", f"/ {reference.split()[0]}", "CPU us/probe", "RSS MB", "missed", "false", "twice"], rows)
    goals = [measure.verdict("all of them, none false, none twice", (ours.missed, ours.false, ours.twice) == (0, 0, 0)),
             measure.verdict(f"peak memory under 16 MB ({ours.memory:.1f})", ours.memory < 16),
             measure.verdict(f"CPU at most 10 us a probe ({ours.cpu:.1f})", ours.cpu <= 10)]
    if other:
        goals.append(measure.verdict(f"wall at most {goal} x {reference}: {ours.ratio(other):.2f}", ours.ratio(other) <= goal))
    return goals


def one_probe(entrants):
    rows = [[one.name, f"{one.wall * 1e3:.2f}", f"{one.ratio(entrants['nmap -sS']):.3f}" if "nmap -sS" in entrants else "-",
             f"{one.cpu / 1e3:.2f}", f"{one.memory:.1f}"] for one in entrants.values()]
    ours = entrants["diag-tcp"]
    measure.table(f"one probe of one open port, median of {len(ours.walls)}, taken in turn",
                  ["tool", "wall ms", "/ nmap", "CPU ms", "RSS MB"], rows)
    return [measure.verdict(f"start to exit in at most 3 ms ({ours.wall * 1e3:.2f})", ours.wall <= 3e-3)]


def main():
    binaries, which = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else (3 if which == "hosts" else 5 if which == "ports" else 20)
    rows = measure.available(contestants(binaries, which))
    probes = {"ports": 65535, "hosts": 65536, "one": 1}[which]
    with far_server.listening("b", *(f"{port}=open" for port in (OPEN if which == "ports" else [80]))), trickle():
        results = measure.alternate([row for row in rows if row[0] not in ONCE], rounds, timeout=100)
        results |= {name: [measure.run(command, timeout=100)] for name, command, _ in rows if name in ONCE}
        entrants = {row[0]: Entrant(row, results[row[0]], truth_of(which), probes) for row in rows}
    if which == "one":
        return 0 if all(one_probe(entrants)) else 1
    reference, goal = ("nmap -sS -T4", 0.6) if which == "ports" else ("zmap -r 0", 0.4)
    return 0 if all(many(which, entrants, probes, reference, goal)) else 1


sys.exit(main())
