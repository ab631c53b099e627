#!/usr/bin/env python3
"""Holds the records of diag-tcp runs against the conservation law: every probe has one result, every result is counted once.

usage: tcp_law.py FILE...
A FILE is what one `diag-tcp --json` run wrote; named *.quiet.json it holds summaries alone (-q), named *.cut.json the run
was cut short. Prints every breach as FILE: what; status 1 if there was one, 2 if no FILE is given.
"""
import collections
import sys

from ping_law import Breach, parse_records

STATES = {"open", "closed", "filtered", "rejected", "unreachable", "error"}
EVENTS = {"result", "anomaly", "summary"}
# What a result of a state has, and what it has not.
SHAPES = {"open": ({"rtt_ms", "rtt_source", "answered_attempt"}, {"icmp_type", "errno"}),
          "closed": ({"rtt_ms", "rtt_source", "answered_attempt"}, {"icmp_type", "errno", "syn_ack"}),
          "filtered": (set(), {"from", "rtt_ms", "icmp_type", "errno", "ttl", "syn_ack"}),
          "rejected": ({"icmp_type", "icmp_code"}, {"errno", "syn_ack"}),
          "unreachable": ({"icmp_type", "icmp_code"}, {"errno", "syn_ack"}),
          "error": (set(), {"syn_ack"})}


def wrong_with(result):
    state = result["state"]
    if state not in STATES:
        yield f"no such state: {state}"
        return
    needed, never = SHAPES[state]
    if "reset-after-open" in result.get("anomalies", []):
        needed = needed - {"rtt_ms", "rtt_source"}  # connect() failed: when the SYN-ACK came is not known
    yield from (f"{state} without {key}" for key in sorted(needed - result.keys()))
    yield from (f"{state} with {key}" for key in sorted(never & result.keys()))
    if result.get("answered_attempt", 1) > max(result["attempts"], 1):
        yield f"attempt {result['answered_attempt']} of {result['attempts']} was answered"
    if not 0 <= result.get("rtt_ms", 0) < 60_000:
        yield f"rtt_ms {result['rtt_ms']}"


def breaches(path):
    records = parse_records(path, "tcp", EVENTS)
    results, anomalies, summaries = ([what for what in records if what["event"] == kind]
                                     for kind in ("result", "anomaly", "summary"))
    if not summaries:
        yield "no summary"
        return
    if records[-1]["event"] != "summary":
        yield "the summary is not the last record"
    for result in results:
        yield from (f"{result['address']} port {result['port']}: {what}" for what in wrong_with(result))
    probes = collections.Counter((what["address"], what["port"], what.get("flow"), what.get("round")) for what in results)
    yield from (f"{number} results of {who}" for who, number in probes.items() if number > 1)
    counted, sent = collections.Counter(), 0
    for summary in summaries:
        counted.update(summary["states"])
        sent += summary["sent"]
        if summary.get("pending") and not path.endswith(".cut.json"):
            yield f"{summary['pending']} pending in a run that was not cut short"
    if path.endswith(".quiet.json"):
        return
    seen = collections.Counter(what["state"] for what in results)
    if {state: number for state, number in counted.items() if number} != dict(seen):
        yield f"results {dict(seen)}, but the summaries say {dict(counted)}"
    attempts = sum(what["attempts"] for what in results)
    if not path.endswith(".cut.json") and sent != attempts:
        yield f"{attempts} attempts in the results, but sent is {sent}"
    told = sum(what.get("anomalies", 0) for what in summaries)
    if told > len(anomalies):
        yield f"{len(anomalies)} anomaly events, but the summaries say {told}"


def main(paths):
    bad = 0
    for path in paths:
        try:
            found = list(breaches(path))
        except (Breach, KeyError, UnicodeDecodeError) as error:
            found = [str(error) if isinstance(error, Breach) else f"{type(error).__name__}: {error}"]
        bad += len(found)
        for what in found[:5]:
            print(f"{path.rpartition('/')[2]}: {what}")
    return 2 if not paths else 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
