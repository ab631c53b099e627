"""What each tool says of the ports of tcp_truth.txt: the words of its own output, and whether they are true.

usage: tcp_truth_peers.py BIN_DIR     (inside node a of tcp-truth.topo)
`!` before a word: the wrong state. `~`: the right state, but a device answered in the host's place and nobody says so."""
import concurrent.futures
import contextlib
import json
import os
import re
import subprocess
import sys

import far_server
import measure

ADDRESSES = {"b": "203.0.113.1", "c": "198.18.1.1", "r1": "192.0.2.254", "r2": "198.51.100.2", "none": "198.18.10.1",
             "never": "198.18.11.1", "hole": "198.18.12.1", "gone": "203.0.113.99"}


class Case:
    def __init__(self, line):
        self.host, self.port, self.state, self.reason, _, self.sender, _, self.what = line.split(None, 7)
        self.address = ADDRESSES[self.host]

    @property
    def key(self):
        return self.address, self.port


def cases():
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab", "tcp_truth.txt")
    with open(path, encoding="utf-8") as file:
        return [Case(line.strip()) for line in file if not line.startswith("#")]


def said_by(command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60).stdout


def ports_by_address(wanted):
    grouped = {}
    for case in wanted:
        grouped.setdefault(case.address, []).append(case.port)
    return grouped


# Each returns {(address, port): (state, word)}; state in the words of the table, None: it does not say.

def diag_tcp(wanted, binary, *more):
    targets = [f"{case.address}:{case.port}" for case in wanted]
    out = {}
    for line in said_by([binary, "--json", "-r1", "-W0.4", *more, *targets]).splitlines():
        what = json.loads(line)
        if what["event"] == "result":
            out[what["address"], str(what["port"])] = (what["state"], what["reason"])
    return out


def nmap(wanted, scan):
    out = {}
    for address, ports in ports_by_address(wanted).items():
        said = said_by(["nmap", "-n", "-Pn", scan, "-vv", "--reason", "-T4", "--max-retries", "1", "-p", ",".join(ports), address])
        for port, state, why in re.findall(r"^(\d+)/tcp +(\S+) +\S+ +(.*)$", said, re.MULTILINE):
            why = re.sub(r" (from|ttl) .*", "", why)
            out[address, port] = ("rejected" if state == "filtered" and why != "no-response" else state, why)
    return out


def one_by_one(wanted, command, read, at_once=1):
    """Several at once only of those that leave it to the kernel whose answer is whose: nping and hping3 take what comes."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return dict(zip((case.key for case in wanted), pool.map(lambda case: read(said_by(command(case))), wanted)))


def nping(wanted, way):
    def read(said):
        received = re.search(r"^RCVD.*", said, re.MULTILINE)
        if way == "--tcp-connect":
            if "Handshake with" in said and "completed" in said:
                return "open", "handshake"
            return ("closed", "RST") if "RST from" in said or "Possible TCP RST" in said else ("filtered", "no reply")
        if not received:
            return "filtered", "no reply"
        flags = re.search(r" (SA|RA|R|S) ttl=", received.group())
        if flags:
            return ("open", "SA") if flags.group(1) == "SA" else ("closed", flags.group(1))
        icmp = re.search(r"ICMP .*?\] (.*?) \(type|(type=\d+/code=\d+)|ICMP \[.*? (\S+ \S+ unreachable|[A-Z].*?) \(", received.group())
        word = next((word for word in icmp.groups() if word), "ICMP") if icmp else "ICMP"
        return "rejected", re.sub(r" [\d.]+|Communication | by filtering", "", word)
    return one_by_one(wanted, lambda case: ["nping", way, "-p", case.port, "-c", "1", case.address], read,
                      8 if way == "--tcp-connect" else 1)


def hping(wanted):
    def read(said):
        flags = re.search(r"flags=(\w+)", said)
        if flags:
            return ("open", "SA") if flags.group(1) == "SA" else ("closed", flags.group(1))
        icmp = re.search(r"ICMP (.*?) from", said)
        return ("rejected", icmp.group(1)) if icmp else ("filtered", "100% loss")
    return one_by_one(wanted, lambda case: ["hping3", "-S", "-p", case.port, "-c", "1", case.address], read)


def masscan(wanted):
    subprocess.run(["ping", "-c", "1", ADDRESSES["r1"]], stdout=subprocess.DEVNULL, check=False)
    neighbour = subprocess.run(["ip", "neighbour", "show", ADDRESSES["r1"]], capture_output=True, text=True, check=True).stdout
    mac = re.search(r"lladdr (\S+)", neighbour).group(1)
    out = {case.key: (None, "-") for case in wanted}
    with subprocess.Popen(["ping", "-q", "-i", "0.2", ADDRESSES["r1"]], stdout=subprocess.DEVNULL) as trickle:
        for address, ports in ports_by_address(wanted).items():
            said = said_by(["masscan", "-p", ",".join(ports), address, "-e", "eth0", "--router-mac", mac, "--rate", "500",
                            "--wait", "1", "--show", "open,closed", "-oL", "-"])
            for state, port in re.findall(r"^(open|closed) tcp (\d+) ", said, re.MULTILINE):
                out[address, port] = (state, state)
        trickle.terminate()
    return out


def cell(case, said):
    state, word = said.get(case.key, (None, "-"))
    # Who says nothing of a silent port is right about it.
    right = state == case.state or (state is None and case.state == "filtered")
    blind = right and case.reason.endswith("-by-device") and "device" not in word
    return right, blind, f"{'' if right else '!'}{'~' if blind else ''}{word}"


def main():
    binary = f"{sys.argv[1]}/diag-tcp"
    wanted = cases()
    with contextlib.ExitStack() as far:
        far.enter_context(far_server.listening("b", "1000=open", "1015=full", "1016=open", "1017=fin"))
        far.enter_context(far_server.listening("c", "3000=open", "3002=open"))
        columns = {"diag-tcp": diag_tcp(wanted, binary), "diag-tcp --connect": diag_tcp(wanted, binary, "--connect")}
        peers = {"nmap -sS": ("nmap", lambda: nmap(wanted, "-sS")), "nmap -sT": ("nmap", lambda: nmap(wanted, "-sT")),
                 "nping --tcp": ("nping", lambda: nping(wanted, "--tcp")),
                 "nping -connect": ("nping", lambda: nping(wanted, "--tcp-connect")),
                 "hping3 -S": ("hping3", lambda: hping(wanted)), "masscan": ("masscan", lambda: masscan(wanted))}
        columns |= {name: peers[name][1]() for name, _ in measure.available([(name, [row[0]]) for name, row in peers.items()])}
    rows, wrong, blind = [], dict.fromkeys(columns, 0), dict.fromkeys(columns, 0)
    for case in wanted:
        words = []
        for name, said in columns.items():
            right, unseen, word = cell(case, said)
            wrong[name] += not right
            blind[name] += unseen
            words.append(word)
        rows.append([case.what, case.state, *words])
    rows.append(["wrong", "", *wrong.values()])
    rows.append(["device not seen", "", *blind.values()])
    measure.table("what stands in the way, and what is said of it (! wrong state, ~ device not seen)",
                  ["case", "truth", *columns], rows)
    return 0 if measure.verdict("diag-tcp is right in every case, and sees every device", wrong["diag-tcp"] + blind["diag-tcp"] == 0) else 1


sys.exit(main())
