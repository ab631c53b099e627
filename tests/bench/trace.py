"""One path of ten routers, and 256 at once: how long until all hops are known, and are they right?

usage: trace.py BIN_DIR one|many [ROUNDS]     (inside node a of chain10.topo)
  one    one target: all hops answering; and with two that are silent
  many   256 targets in one run; once with the kernel's limits on ICMP errors too"""
import json
import os
import re
import subprocess
import sys
import tempfile

import far_server
import measure

TARGET = "198.51.100.7"
TARGETS = [f"198.51.100.{number}" for number in range(256)]
ROUTERS = [f"192.0.2.{4 * hop - 3}" for hop in range(1, 11)]
SILENT = (4, 7)
MUTE = ("table inet mute { chain c { type filter hook output priority 0; icmp type time-exceeded drop; "
        "icmpv6 type time-exceeded drop; }; }")
# Each into a file of its own: they flush their rows one by one.
XARGS = 'xargs -a "$1" -P32 -n1 sh -c \'exec traceroute -n -q1 -N32 "$1" >"$0/$1"\' "$0"; cat "$0"/198*'
ROW = re.compile(r"^ *(\d+)(?:\.\|--|:)? +(?:(\*|\?\?\?|no reply|\.\.\.)|(?:[\d.]+ ms +)?(\d+\.\d+\.\d+\.\d+))", re.MULTILINE)


def rows(said):
    """{hop: address or None} of the rows of any of the tools."""
    return {int(hop): address or None for hop, _, address in ROW.findall(said)}


def truth(target, silent=()):
    way = {hop + 1: None if hop + 1 in silent else address for hop, address in enumerate(ROUTERS)}
    return way | {11: target}


def in_node(node, *command, given=None):
    subprocess.run(far_server.inside(node, *command), input=given, text=True, check=True)


def limits(on):
    """The kernel's limits on ICMP errors, of every node that sends some."""
    for node in [f"r{hop}" for hop in range(1, 11)] + ["b"]:
        in_node(node, "sh", "-c", f"echo {6168 if on else 0} >/proc/sys/net/ipv4/icmp_ratemask")


def single(binaries):
    """name, command, and how many times it is run at most: some wait for seconds."""
    ours = f"{binaries}/diag-traceroute"
    return [
        ("diag-traceroute -q1", [ours, "-n", "-q1", TARGET], 99),
        ("traceroute -q1 -N32", ["traceroute", "-n", "-q1", "-N32", TARGET], 99),
        ("diag-traceroute", [ours, "-n", TARGET], 99),
        ("traceroute -N32", ["traceroute", "-n", "-N32", TARGET], 99),
        ("traceroute", ["traceroute", "-n", TARGET], 99),
        ("scamper", ["scamper", "-p", "10000", "-c", "trace -w 1", "-i", TARGET], 5),
        ("mtr -r -c1", ["mtr", "-r", "-n", "-c1", "-i", "0.01", "-G", "0.01", TARGET], 5),
        ("tcptraceroute -q1", ["tcptraceroute.mt", "-n", "-q1", TARGET, "80"], 3),
        ("nmap --traceroute", ["nmap", "-n", "-Pn", "-p80", "--traceroute", TARGET], 3),
        ("tracepath", ["tracepath", "-n", TARGET], 3),
    ]


class Entrant:
    """What the runs of one contestant amount to."""

    def __init__(self, row, runs, wrong):
        self.name, self.walls = row[0], [run.wall for run in runs]
        self.wall = measure.median(self.walls)
        self.cpu = measure.median(run.cpu for run in runs)
        self.wrong = max(wrong(run.output) for run in runs)

    def ratio(self, other):
        """Of walls, pair by pair: the runs were taken in turn."""
        return measure.median(a / b for a, b in zip(self.walls, other.walls))


def in_turn(contestants, rounds, wrong):
    """{name: Entrant}, in the order of the contestants; who is slow is run less often."""
    results = {row[0]: [] for row in contestants}
    for number in range(rounds + 1):
        for name, command, most in contestants:
            if number <= most:
                run = measure.run(command, timeout=60)
                results[name] += [run] if number else []
    return {row[0]: Entrant(row, results[row[0]], wrong) for row in contestants}


def shown(heading, entrants, reference):
    other = entrants.get(reference)
    measure.table(heading, ["tool", "wall ms", f"/ {reference.split()[0]}", "CPU ms", "runs", "wrong hops"],
                  [[one.name, f"{one.wall * 1e3:.2f}", f"{one.ratio(other):.2f}" if other else "-", f"{one.cpu * 1e3:.2f}",
                    len(one.walls), one.wrong] for one in entrants.values()])


def one(binaries, rounds):
    contestants, goals = measure.available(single(binaries)), []
    for silent in ((), SILENT):
        for hop in silent:
            in_node(f"r{hop}", "nft", "-f", "-", given=MUTE)
        right = truth(TARGET, silent)

        def wrong(said, right=right):
            seen = rows(said)
            return sum(seen.get(hop) != address for hop, address in right.items()) + len(seen.keys() - right.keys())
        entrants = in_turn(contestants, rounds, wrong)
        shown(f"ten routers, {f'hops {silent} silent' if silent else 'all answering'}, median of {rounds}, taken in turn",
              entrants, "traceroute -q1 -N32")
        ours, his = entrants["diag-traceroute -q1"], entrants.get("traceroute -q1 -N32")
        goals.append(measure.verdict("every hop right", ours.wrong + entrants["diag-traceroute"].wrong == 0))
        if his:
            goals.append(measure.verdict(f"at most 1.2 x traceroute -q1 -N32: {ours.ratio(his):.2f}", ours.ratio(his) <= 1.2))
    return goals


def by_target(said):
    """{target: {hop: address}} of the output of a run of many."""
    parts = re.split(r"^(?:diag-)?traceroute (?:from \S+ )?to ([^\s,]+).*$", said, flags=re.MULTILINE)
    return {target: rows(text) for target, text in zip(parts[1::2], parts[2::2])}


def wrong_of_many(said):
    seen = by_target(said)
    return sum(sum(seen.get(target, {}).get(hop) != address for hop, address in truth(target).items()) for target in TARGETS)


def many(binaries, rounds):
    with tempfile.TemporaryDirectory() as place:
        names = os.path.join(place, "targets")
        with open(names, "w", encoding="ascii") as file:
            file.writelines(f"{target}\n" for target in TARGETS)
        ours = f"{binaries}/diag-traceroute"
        contestants = measure.available([
            ("diag-traceroute -q1", [ours, "-n", "-q1", "--file", names], 99),
            ("scamper -p 10000", ["scamper", "-p", "10000", "-c", "trace -w 1", "-f", names], 99),
            ("diag --doubletree", [ours, "-n", "-q1", "--doubletree", "--file", names], 99),
            ("xargs -P32 traceroute", ["sh", "-c", XARGS, place, names], 99),
        ])
        entrants = in_turn(contestants, rounds, wrong_of_many)
        shown(f"256 targets behind ten routers, median of {rounds}, taken in turn", entrants, "scamper -p 10000")
        mine, his = entrants["diag-traceroute -q1"], entrants.get("scamper -p 10000")
        goals = [measure.verdict("every hop of every path right", mine.wrong == 0)]
        if his:
            goals.append(measure.verdict(f"at most 0.5 x scamper -p 10000: {mine.ratio(his):.2f}", mine.ratio(his) <= 0.5))
        limits(True)
        entrants = {row[0]: Entrant(row, [measure.run(row[1], timeout=60)], wrong_of_many) for row in contestants}
        shown("the same where every router sends an error a second to each: hops that are not named", entrants, "diag-traceroute -q1")
        lossy = lossy_hops(ours)
        limits(False)
        goals.append(measure.verdict(f"no hop called lossy that only limits its ICMP ({lossy})", lossy == 0))
    return goals


def lossy_hops(ours):
    """Hops that --report says lose packets, where none does."""
    said = subprocess.run([ours, "-n", "-I", "--report", "40", "--interval", "0.05", "--json", *TARGETS[:4]], capture_output=True,
                          text=True, check=False).stdout
    records = [json.loads(line) for line in said.splitlines()]
    hops = [record for record in records if record["event"] == "hop"]
    return sum(hop.get("loss") == "forwarding-loss" for hop in hops) if hops else -1


def main():
    binaries, which = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else {"one": 20, "many": 7}[which]
    return 0 if all({"one": one, "many": many}[which](binaries, rounds)) else 1


sys.exit(main())
