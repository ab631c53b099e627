#!/usr/bin/env python3
"""Holds the records of diag-ping runs against the conservation law: every probe ends once, every packet is counted once.

usage: ping_law.py FILE...
A FILE is what one `diag-ping --json` run wrote; named *.quiet.json it holds summaries alone (-q).
Prints every breach as FILE: what; status 1 if there was one, 2 if no FILE is given.
"""
import collections
import json
import re
import sys

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z\Z")
EVENTS = {"reply", "timeout", "error", "duplicate", "late", "rejected", "summary"}


class Breach(Exception):
    """What is wrong with the text of the records, so that nothing can be counted."""


def no_constant(word):
    raise ValueError(f"{word} is no JSON")


def no_double_key(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def parse_records(path, tool, events):
    """The records of a run of `tool`; Breach when they are not what every tool owes: whole lines of strict JSON."""
    with open(path, encoding="utf-8", errors="strict") as file:
        text = file.read()
    if not text.endswith("\n"):
        raise Breach("the last line is not complete" if text else "there is no record")
    records = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            records.append(json.loads(line, parse_constant=no_constant, object_pairs_hook=no_double_key))
        except ValueError as error:
            raise Breach(f"line {number}: {error}") from None
        what = records[-1]
        if what.get("tool") != tool or what.get("event") not in events or not TIME.match(what.get("time", "")):
            raise Breach(f"line {number} lacks tool, event or time: {line[:80]}")
    return records


class Account:
    """What the events of one target say happened to its probes."""

    def __init__(self):
        self.ended = {}  # seq -> the event that ended the probe
        self.answered = set()  # seqs with a reply or a late one
        self.seen = collections.Counter()
        self.rejected = collections.Counter()
        self.breaches = []

    def take(self, what):
        event, seq = what["event"], what.get("seq")
        if event == "rejected":
            self.rejected[what["reason"]] += 1
        elif event in ("reply", "timeout") and seq in self.ended:
            self.breaches.append(f"probe {seq} ends twice: {self.ended[seq]}, {event}")
        elif event == "duplicate" and seq not in self.answered:
            self.breaches.append(f"probe {seq} has a duplicate and no answer before it")
        elif event == "late" and (self.ended.get(seq, "reply") == "reply" or seq in self.answered):
            self.breaches.append(f"probe {seq} has a late answer and did not end without one")
        if event == "error" and (seq in self.ended or what["reason"] == "redirect"):
            return  # a remark: the probe ended otherwise
        if event == "error":
            event = "errors" if "from" in what else "not_sent"
        self.seen[event] += 1
        if event in ("reply", "timeout", "errors", "not_sent"):
            self.ended[seq] = event
        if event in ("reply", "late"):
            self.answered.add(seq)

    def against(self, summary):
        yield from self.breaches
        pairs = {"reply": "received", "timeout": "lost", "errors": "errors", "not_sent": "not_sent", "late": "late",
                 "duplicate": "duplicates"}
        for event, key in pairs.items():
            if self.seen[event] != summary.get(key, 0):
                yield f"{self.seen[event]} {event} events, but {key} is {summary.get(key, 0)}"
        for seq in self.ended:
            if not 1 <= seq <= summary["sent"]:
                yield f"probe {seq} of {summary['sent']}"
        if self.rejected != collections.Counter(summary.get("rejected", {})):
            yield f"rejected events {dict(self.rejected)}, but the summary says {summary.get('rejected', {})}"


def sums_of(summary):
    received, lost, errors = (summary.get(key, 0) for key in ("received", "lost", "errors"))
    parts = received + lost + errors + summary["not_sent"] + summary.get("pending", 0)
    if summary["sent"] != parts:
        yield f"sent {summary['sent']} is not the sum {parts} of received, lost, errors, not_sent and pending"
    known = received + lost + errors
    if known and abs(summary["loss_percent"] - 100 * (lost + errors) / known) > 1e-6:
        yield f"loss_percent {summary['loss_percent']} of {lost + errors} in {known}"


def breaches(path):
    records = parse_records(path, "ping", EVENTS)
    summaries = [what for what in records if what["event"] == "summary"]
    many = len(summaries) > 1
    if not summaries:
        yield "no summary"
        return
    if not many and records[-1]["event"] != "summary":
        yield "the summary is not the last record"
    accounts = collections.defaultdict(Account)
    for what in records:
        # Of what strangers send to a run of many targets the summaries know nothing.
        if what["event"] != "summary" and not (many and what["event"] == "rejected"):
            accounts[what["address"]].take(what)
    for address, times in collections.Counter(what.get("address", what["target"]) for what in summaries).items():
        if times > 1:
            yield f"{times} summaries of {address}"
    for summary in summaries:
        who = summary.get("address", summary["target"])
        if summary["sent"] == 0 and "lost" not in summary:
            continue  # never got an address
        yield from (f"{who}: {what}" for what in sums_of(summary))
        if not path.endswith(".quiet.json"):
            yield from (f"{who}: {what}" for what in accounts[who].against(summary))
    for address in accounts.keys() - {what.get("address") for what in summaries}:
        yield f"{address}: events without a summary"


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
