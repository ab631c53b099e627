#!/usr/bin/env python3
"""Holds the records of diag-arping runs against the conservation law: every probe ends once, every answer is counted once.

usage: arping_law.py FILE...
A FILE is what one `diag-arping --json` run wrote; named *.quiet.json it holds summaries alone (-q).
Prints every breach as FILE: what; status 1 if there was one, 2 if no FILE is given.
"""
import collections
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from ping_law import Breach, parse_records  # noqa: E402

EVENTS = {"reply", "timeout", "error", "rejected", "sighting", "change", "link", "claim", "objection", "found", "difference",
          "summary"}
VERDICTS = {"in-use", "free", "conflict", "no-answer", "cannot-tell"}


class Account:
    """What the events of one target say."""

    def __init__(self):
        self.ended, self.owners, self.seen, self.breaches = {}, [], collections.Counter(), []

    def take(self, what):
        event, seq = what["event"], what.get("seq")
        if event == "reply" and what.get("second_look"):
            return  # an answer to no probe
        if event == "reply":
            if what["mac"] not in self.owners:
                self.owners.append(what["mac"])
            if not 0 <= what.get("rtt_ms", 0) <= what.get("rtt_most_ms", 1e9):
                self.breaches.append(f"probe {seq}: a time of {what['rtt_ms']} ms, at most {what.get('rtt_most_ms')}")
            if what.get("duplicate"):
                self.seen["duplicates"] += 1
            elif what.get("late"):
                self.seen["late"] += 1
            elif self.ended.setdefault(seq, "reply") != "reply":
                self.breaches.append(f"probe {seq} ends twice: {self.ended[seq]}, reply")
        elif event in ("timeout", "error"):
            if seq in self.ended:
                self.breaches.append(f"probe {seq} ends twice: {self.ended[seq]}, {event}")
            self.ended[seq] = event

    def against(self, summary, sweep):
        yield from self.breaches
        ends = collections.Counter(self.ended.values())
        told = {"received": ends["reply"], "lost": ends["timeout"], "not_sent": ends["error"], "late": self.seen["late"],
                "duplicates": self.seen["duplicates"]}
        if sweep:
            del told["lost"]  # which of many are silent, their summaries say
        for name, count in told.items():
            if summary.get(name, 0) != count:
                yield f"{count} {name} in events and {summary.get(name, 0)} in the summary"
        if set(self.owners) - set(summary.get("owners", [])):
            yield f"answers of {self.owners} and owners {summary.get('owners')}"


def counts_probes(summary):
    """A claim is not a matter of answers, and a search (which says whether it is complete) asks many addresses."""
    return "received" in summary and "complete" not in summary


def of_summary(summary):
    if summary.get("verdict") not in VERDICTS:
        yield f"verdict {summary.get('verdict')}"
    if counts_probes(summary):
        parts = sum(summary.get(name, 0) for name in ("received", "lost", "not_sent", "pending"))
        if summary["sent"] != parts:
            yield f"sent {summary['sent']} and {parts} accounted for"
        if summary["received"] and not summary.get("owners"):
            yield "answers and no owner"
    if len(summary.get("findings", [])) and {each["finding"] for each in summary.get("details", [])} != set(summary["findings"]):
        yield f"findings {summary['findings']} and details {summary.get('details')}"


def breaches(path):
    try:
        records = parse_records(path, "arping", EVENTS)
    except Breach as error:
        yield str(error)
        return
    quiet = path.endswith(".quiet.json")
    accounts, summaries = collections.defaultdict(Account), {}
    for record in records:
        target = record.get("address", record.get("target"))
        if record["event"] == "summary":
            if target in summaries:
                yield f"{target}: two summaries"
            summaries[target] = record
        elif record["event"] in ("reply", "timeout", "error"):
            accounts[target].take(record)
    sweep = len(summaries) > 1 and not any(record["event"] == "timeout" for record in records)
    for target, summary in summaries.items():
        account = accounts.pop(target, None) or Account()
        wrong = [*of_summary(summary)]
        if not quiet and counts_probes(summary):
            wrong += account.against(summary, sweep)
        yield from (f"{target}: {what}" for what in wrong)
    for target in accounts:
        yield f"{target}: events and no summary"
    if records[-1]["event"] not in ("summary", "difference"):
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
