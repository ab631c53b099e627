"""How far from the truth is the RTT a tool reports? The truth: both frames as tcpdump's kernel stamps have them.

usage: rtt_truth.py BIN_DIR [PROBES]     (inside the near namespace of pair.topo)"""
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

import measure

FAR = "192.0.2.2"


def echo_frames(path):
    """(outgoing, identifier, sequence, nanoseconds) of every echo message in an Ethernet pcap file."""
    with open(path, "rb") as file:
        data = file.read()
    scale = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[struct.unpack("<I", data[:4])[0]]
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack("<IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if frame[12:14] != b"\x08\x00" or frame[23] != 1:
            continue
        message = frame[14 + (frame[14] & 15) * 4:]
        if message[0] in (0, 8):
            identifier, sequence = struct.unpack(">HH", message[4:8])
            yield message[0] == 8, identifier, sequence, seconds * 10**9 + fraction * scale


def truths(path):
    """RTT in microseconds of each exchange, in the order of the requests."""
    asked, answered, order = {}, {}, []
    for request, identifier, sequence, when in echo_frames(path):
        key = identifier, sequence
        if request:
            if key not in asked:
                order.append(key)
            asked[key] = when
        else:
            answered.setdefault(key, when)
    return [(answered[key] - asked[key]) / 1000 if key in answered else None for key in order]


def from_json(text):
    records = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [record["rtt_ms"] * 1000 for record in records if record["event"] == "reply"]


def by_pattern(pattern, factor):
    return lambda text: [float(value) * factor for value in re.findall(pattern, text)]


def contestants(binaries, probes):
    ours, count = f"{binaries}/diag-ping", str(probes)
    return [
        ("diag-ping", [ours, "--json", "-c", count, "-i", "0.01", FAR], from_json),
        ("diag-ping --pcap", [ours, "--json", "-c", count, "-i", "0.01", "--pcap", "{tmp}/own.pcap", FAR], from_json),
        ("ping", ["ping", "-c", count, "-i", "0.01", FAR], by_pattern(r"time=([\d.]+) ms", 1000)),
        ("fping", ["fping", "-c", count, "-p", "10", FAR], by_pattern(r"bytes, ([\d.]+) ms", 1000)),
        ("hping3", ["hping3", "--icmp", "-c", count, "-i", "u10000", FAR], by_pattern(r"rtt=([\d.]+) ms", 1000)),
        ("mtr", ["mtr", "--raw", "-n", "-c", str(min(probes, 100)), "-i", "0.01", FAR], by_pattern(r"^p 0 (\d+)", 1)),
    ]


def errors_of(command, reader, interface):
    """|reported - true| of every probe in microseconds."""
    with tempfile.TemporaryDirectory() as tmp:
        path = f"{tmp}/truth.pcap"
        tap = subprocess.Popen(["tcpdump", "-i", interface, "-w", path, "-U", "--immediate-mode", "-Z", "root", "--time-stamp-precision=nano",
                                "icmp"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        tap.stderr.readline()  # "listening on"
        finished = measure.run([word.replace("{tmp}", tmp) for word in command], timeout=90)
        time.sleep(0.1)
        tap.send_signal(signal.SIGINT)
        tap.wait()
        tap.stderr.close()
        reported = reader(finished.output)
        true = [rtt for rtt in truths(path) if rtt is not None]
    return sorted(abs(a - b) for a, b in zip(reported, true)) if len(reported) == len(true) and reported else []


def compare(heading, binaries, probes, interface):
    rows, goals = [], []
    for name, command, reader in measure.available(contestants(binaries, probes)):
        errors = errors_of(command, reader, interface)
        if not errors:
            rows.append([name, "-", "-", "-", 0])
            goals.append(not name.startswith("diag-ping"))
            continue
        middle, high = errors[len(errors) // 2], errors[min(len(errors) - 1, int(len(errors) * 0.99))]
        rows.append([name, f"{middle:.2f}", f"{high:.2f}", f"{errors[-1]:.2f}", len(errors)])
        if name == "diag-ping":
            goals.append(measure.verdict(f"{heading}: median at most 5 us ({middle:.2f}), p99 at most 15 us ({high:.2f})", middle <= 5 and high <= 15))
        elif name == "diag-ping --pcap":
            goals.append(measure.verdict(f"{heading}: 0.5 us or less with --pcap ({middle:.2f}, {high:.2f})", high <= 0.5))
    measure.table(f"RTT error against tcpdump, us, {heading}", ["tool", "median", "p99", "worst", "probes"], rows)
    return all(goals)


def main():
    binaries = sys.argv[1]
    probes = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    interface = re.search(r"dev (\S+)", subprocess.run(["ip", "route", "get", FAR], capture_output=True, text=True, check=True).stdout).group(1)
    met = compare("idle", binaries, probes, interface)
    # Bounded busy loops, one a core; ended by pid whatever happens.
    burners = [subprocess.Popen(["timeout", "120", sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 2)]
    try:
        met = compare("with busy cores", binaries, probes, interface) and met
    finally:
        for burner in burners:
            burner.terminate()
            burner.wait()
    return 0 if met else 1


sys.exit(main())
