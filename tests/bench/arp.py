"""Who has this address, who has these? One neighbour, from start to exit; whole prefixes on a link, all answering or half of
them silent.

usage: arp.py BIN_DIR one|all|half [ROUNDS]     (inside the near namespace of arp-sweep.topo or arp-half.topo)"""
import ipaddress
import re
import subprocess
import sys
import tempfile

import measure

SMALL, LARGE = "198.18.16.0/20", "198.18.0.0/16"
ADDRESS = re.compile(r"\b198\.18\.\d{1,3}\.\d{1,3}\b")
ARP_SCAN = ["arp-scan", "-I", "eth0"]
REFERENCE = "arp-scan -B 1000M -r 1"


def expected(prefix, which):
    hosts = (str(address) for address in ipaddress.ip_network(prefix))
    return {host for host in hosts if which == "all" or int(host.rsplit(".", 1)[1]) % 2 == 0}


def found(name, run):
    """Addresses a contestant has an owner for, repeats included."""
    lines = run.output.splitlines()
    if name.startswith("nmap"):
        lines = [line for line in lines if "Status: Up" in line]
    elif name.startswith("arping"):
        lines = [line for line in lines if " bytes from " in line]
    else:
        lines = [line for line in lines if re.match(r"198\.18\.[\d.]+\s+([0-9a-f]{2}:){5}", line)]
    return [match.group() for line in lines for match in ADDRESS.finditer(line)]


def sweepers(binaries, prefix, which):
    """The quickest each can do: no cap on the rate, every address once. Ours by default asks the silent once more."""
    ours = f"{binaries}/diag-arping"
    fast = [*ARP_SCAN, "-B", "1000M", "-r", "1"]
    rows = [("diag-arping", [ours, "--rate", "0", "-r", "0", prefix])]
    if which == "half":
        rows.append(("diag-arping -r 1", [ours, "--rate", "0", prefix]))
    rows += [(REFERENCE, [*fast, prefix]), ("arp-scan -q: no vendors", [*fast, "-q", prefix])]
    # nmap gives each silent address its time: over a minute a run.
    return rows if (prefix, which) == (LARGE, "half") else [*rows, ("nmap -sn -PR", ["nmap", "-n", "-sn", "-PR", "-oG", "-", prefix])]


def arping_each(prefix):
    """arping asks for one address: 64 processes at a time."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.writelines(f"{address}\n" for address in ipaddress.ip_network(prefix))
        file.flush()
        return measure.run(["xargs", "-a", file.name, "-P", "64", "-n", "1", "arping", "-c", "1", "-C", "1", "-I", "eth0"], timeout=100)


class Entrant:
    def __init__(self, name, runs, prefix, which, memory):
        truth, said = expected(prefix, which), [found(name, run) for run in runs]
        self.name, self.walls, self.memory = name, [run.wall for run in runs], memory
        self.wall = measure.median(self.walls)
        self.cpu = measure.median(run.cpu for run in runs) / ipaddress.ip_network(prefix).num_addresses * 1e6
        self.found = min(len(set(each) & truth) for each in said)
        self.missed = len(truth) - self.found
        self.false = max(len(set(each) - truth) for each in said)
        self.twice = max(len(each) - len(set(each)) for each in said)

    def ratio(self, other):
        """Of walls, pair by pair: the runs were taken in turn."""
        return measure.median(a / b for a, b in zip(self.walls, other.walls))


def sweep(binaries, prefix, which, rounds):
    rows = measure.available(sweepers(binaries, prefix, which))
    results = measure.alternate(rows, rounds, timeout=100)
    entrants = {name: Entrant(name, results[name], prefix, which, measure.peak(command)) for name, command in rows}
    if prefix == SMALL and which == "all" and measure.available([("arping", ["arping"])]):
        entrants["arping, 64 at once"] = Entrant("arping", [arping_each(prefix)], prefix, which, None)
    other = entrants.get(REFERENCE)
    measure.table(f"{prefix}, {which} answering, median of {rounds}, taken in turn",
                  ["tool", "wall s", "/ arp-scan", "CPU us/target", "RSS MB", "found", "missed", "false", "twice"],
                  [[name, f"{one.wall:.3f}", f"{one.ratio(other):.2f}" if other else "-", f"{one.cpu:.1f}", f"{one.memory:.1f}" if one.memory else "-", one.found,
                    one.missed, one.false, one.twice] for name, one in entrants.items()])
    ours = entrants["diag-arping"]
    goals = [measure.verdict("all of them, none false, none twice", (ours.missed, ours.false, ours.twice) == (0, 0, 0)),
             measure.verdict(f"peak memory under 8 MB ({ours.memory:.1f})", ours.memory < 8)]
    if which == "all":
        if prefix == LARGE:
            goals.append(measure.verdict(f"CPU at most 6 us a target ({ours.cpu:.1f})", ours.cpu <= 6))
        if other:
            goals.append(measure.verdict(f"wall at most 0.8 x arp-scan: {ours.ratio(other):.2f}", ours.ratio(other) <= 0.8))
    return goals


def one(binaries, rounds):
    target = "192.0.2.2"
    rows = measure.available([
        ("diag-arping", [f"{binaries}/diag-arping", "-c", "1", target]),
        ("arping", ["arping", "-c", "1", "-I", "eth0", target]),
        ("arp-scan", [*ARP_SCAN, target]),
        ("nmap -sn -PR", ["nmap", "-n", "-sn", "-PR", target]),
        ("true", ["/bin/true"]),
    ])
    results = measure.alternate(rows, rounds, keep=False)
    reference = results.get("arp-scan")
    measure.table(f"one question to a neighbour, median of {rounds}, taken in turn", ["tool", "wall ms", "/ arp-scan", "CPU ms", "RSS MB"],
                  [[name, f"{measure.median(run.wall for run in results[name]) * 1e3:.2f}",
                    f"{measure.median(a.wall / b.wall for a, b in zip(results[name], reference)):.2f}" if reference else "-",
                    f"{measure.median(run.cpu for run in results[name]) * 1e3:.2f}", f"{measure.peak(command):.1f}"] for name, command in rows])
    wall = measure.median(run.wall for run in results["diag-arping"])
    return [measure.verdict(f"answered, each time: {sum(run.status != 0 for run in results['diag-arping'])} not",
                            all(run.status == 0 for run in results["diag-arping"])),
            measure.verdict(f"start to exit in at most 40 ms ({wall * 1e3:.2f})", wall <= 40e-3)]


def main():
    binaries, which = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else None
    if which == "one":
        return 0 if all(one(binaries, rounds or 20)) else 1
    # The kernel's own neighbour table has nothing to do with it, and is asked by nobody here.
    subprocess.run(["ip", "neighbour", "flush", "dev", "eth0"], check=False)
    goals = sweep(binaries, SMALL, which, rounds or 10) + sweep(binaries, LARGE, which, rounds or 5)
    return 0 if all(goals) else 1


sys.exit(main())
