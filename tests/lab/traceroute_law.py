#!/usr/bin/env python3
"""Holds the records of diag-traceroute runs against what they owe: rows in order, every probe with one end, sums that agree.

usage: traceroute_law.py FILE...
A FILE is what one `diag-traceroute --json` run wrote. Prints every breach as FILE: what; status 1 if there was one, 2 if no
FILE is given.
"""
import collections
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from ping_law import Breach, parse_records  # noqa: E402

EVENTS = {"hop", "locate", "change", "rejected", "summary"}
STATES = {"silent", "time-exceeded", "reached", "unreachable", "error"}


def of_probe(row, probe):
    """What is wrong with one probe of a row."""
    state, where = probe.get("state"), f"hop {row['hop']}"
    if state not in STATES:
        yield f"{where}: a probe in state {state}"
        return
    answered = state in ("time-exceeded", "reached", "unreachable")
    if answered != ("address" in probe):
        yield f"{where}: a probe is {state} and has {'an' if 'address' in probe else 'no'} address"
    if "rtt_ms" in probe and not (answered and probe["rtt_ms"] >= 0):
        yield f"{where}: a probe is {state} with a time of {probe['rtt_ms']} ms"
    if not probe.get("flow", 1) >= 1:
        yield f"{where}: flow {probe['flow']}"


def of_target(target, records):
    """What is wrong with the records of one target."""
    rows = [record for record in records if record["event"] == "hop"]
    hops = [row["hop"] for row in rows]
    if hops != sorted(set(hops)):
        yield f"{target}: rows of hops {hops}"
    elif hops and hops != list(range(hops[0], hops[-1] + 1)):
        yield f"{target}: rows are missing: {hops}"
    summaries = [record for record in records if record["event"] == "summary"]
    if len(summaries) != 1 or records[-1] is not summaries[0]:
        yield f"{target}: {len(summaries)} summaries, or not the last record"
        return
    summary = summaries[0]
    for row in rows:
        for probe in row.get("probes", []):
            yield from (f"{target}: {what}" for what in of_probe(row, probe))
        if "sent" in row and row["sent"] < row["received"]:
            yield f"{target}: hop {row['hop']} received {row['received']} of {row['sent']}"
    if summary.get("answered", 0) > summary.get("sent", 0):
        yield f"{target}: answered {summary['answered']} of {summary['sent']}"
    shown = sum(probe.get("state") in ("time-exceeded", "reached", "unreachable") for row in rows for probe in row.get("probes", [])
                if not row.get("known"))
    if shown > summary.get("answered", shown):
        yield f"{target}: {shown} answers in rows and {summary['answered']} in the summary"
    last = rows[-1].get("probes", []) if rows else []
    if summary.get("reached") and last and not any(probe["state"] == "reached" for probe in last):
        yield f"{target}: reached, and not so its last row"
    refused = collections.Counter(record["reason"] for record in records if record["event"] == "rejected")
    if sum(refused.values()) > sum(summary.get("rejected", {}).values()):
        yield f"{target}: {dict(refused)} rejected in events and {summary.get('rejected', {})} in the summary"


def breaches(path):
    try:
        records = parse_records(path, "traceroute", EVENTS)
    except Breach as error:
        yield str(error)
        return
    targets = collections.defaultdict(list)
    for record in records:
        if "target" in record:
            targets[record["target"]].append(record)
        elif record["event"] != "rejected":
            yield f"a {record['event']} of no target"
    for target, mine in targets.items():
        yield from of_target(target, mine)
    if records[-1]["event"] != "summary":
        yield f"the last record is a {records[-1]['event']}"


def main(paths):
    if not paths:
        print(__doc__.strip())
        return 2
    wrong = [f"{os.path.basename(path)}: {what}" for path in paths for what in breaches(path)]
    print(*wrong, f"{len(paths)} runs, {len(wrong)} breaches", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
