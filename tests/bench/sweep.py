"""65,536 addresses behind a veth, all answering or half of them silent: who finds them all, how fast, at what cost.

usage: sweep.py BIN_DIR all|half [ROUNDS]     (inside the near namespace of pair.topo or sweep-half.topo)"""
import ipaddress
import re
import subprocess
import sys

import measure

PREFIX = "198.18.0.0/16"
ADDRESS = re.compile(r"\b198\.1[89]\.\d{1,3}\.\d{1,3}\b")


def expected(which):
    hosts = (str(address) for address in ipaddress.ip_network(PREFIX))
    return {host for host in hosts if which == "all" or int(host.rsplit(".", 1)[1]) % 2 == 0}


def found(name, run):
    """Addresses a contestant called alive, repeats included."""
    lines = run.output.splitlines()
    if name == "nmap":
        lines = [line for line in lines if "Status: Up" in line]
    return [match.group() for line in lines for match in ADDRESS.finditer(line)]


def far_mac():
    """masscan does not look the next hop up by itself here."""
    subprocess.run(["ping", "-c", "1", "192.0.2.2"], stdout=subprocess.DEVNULL, check=False)
    said = subprocess.run(["ip", "neighbour", "show", "192.0.2.2"], capture_output=True, text=True, check=True).stdout
    return re.search(r"lladdr (\S+)", said).group(1)


def contestants(binaries, which):
    ours = [f"{binaries}/diag-ping", "--alive", PREFIX]
    if which == "all":
        return [
            ("diag-ping", ours),
            ("fping -i0 -r0", ["fping", "-i", "0", "-r", "0", "-a", "-g", PREFIX]),
            ("nmap", ["nmap", "-n", "-sn", "-PE", "--send-ip", "-T5", "-oG", "-", PREFIX]),
            # Without other traffic on the link masscan never notices that its wait is over.
            ("masscan", ["timeout", "-k", "1", "-s", "INT", "12", "masscan", "--ping", PREFIX, "-e", "eth0", "--router-mac", far_mac(), "--rate", "100000", "--wait", "1", "-oL", "-"]),
        ]
    return [
        ("diag-ping", ours),
        ("fping -i0 -r1 -t1000", ["fping", "-i", "0", "-r", "1", "-B", "1", "-t", "1000", "-a", "-g", PREFIX]),
        ("nmap", ["nmap", "-n", "-sn", "-PE", "--send-ip", "-T5", "-oG", "-", PREFIX]),
    ]


def main():
    binaries, which = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    truth = expected(which)
    rows, complete = [], {}
    entrants = measure.available(contestants(binaries, which))
    results = measure.alternate(entrants, rounds, timeout=100)
    for name, command in entrants:
        runs = results[name]
        missed = max(len(truth - set(found(name, run))) for run in runs)
        twice = max(len(found(name, run)) - len(set(found(name, run))) for run in runs)
        wrong = max(len(set(found(name, run)) - truth) for run in runs)
        # fping -g leaves the first and the last address of the prefix out by design.
        if wrong == 0 and missed <= (2 if name.startswith("fping") else 0):
            complete[name] = measure.median(run.wall for run in runs)
        rows.append([name, f"{measure.median(r.wall for r in runs):.3f}", f"{measure.median(r.cpu for r in runs) / 65536 * 1e6:.1f}",
                     f"{measure.peak(command):.1f}", missed, twice, wrong])
    measure.table(f"sweep of {PREFIX}, {which} answering, median of {rounds}",
                  ["tool", "wall s", "CPU us/target", "RSS MB", "missed", "twice", "wrong"], rows)
    peers = {name: wall for name, wall in complete.items() if name != "diag-ping"}
    ours = {row[0]: row for row in rows}["diag-ping"]
    goals = [measure.verdict("every address right, none twice", ours[4:] == [0, 0, 0]),
             measure.verdict(f"peak memory under 16 MB ({ours[3]})", float(ours[3]) < 16)]
    if which == "all":
        goals.append(measure.verdict(f"CPU at most 8 us a target ({ours[2]})", float(ours[2]) <= 8))
        if peers and "diag-ping" in complete:
            best = min(peers, key=peers.get)
            ratio = complete["diag-ping"] / peers[best]
            goals.append(measure.verdict(f"wall at most 0.6 x {best}: {ratio:.2f}", ratio <= 0.6))
    return 0 if all(goals) else 1


sys.exit(main())
