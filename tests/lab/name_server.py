#!/usr/bin/env python3
"""A name server for reverse names alone, on 127.0.0.1: truthful, hostile or slow, as said. RFC 1035.

usage: name_server.py [ADDRESS=NAME | ADDRESS=SECONDS:NAME ...]      NAME with \\xNN; other addresses have none
Writes a line when it listens, and one for each question.
"""
import heapq
import ipaddress
import re
import select
import socket
import struct
import sys
import time


def labels(name):
    """The name on the wire; what is within \\xNN is an octet of a label, also a dot."""
    octets = [int(escape, 16).to_bytes(1, "big") if escape else plain.encode() for escape, plain in
              re.findall(r"\\x([0-9a-f]{2})|(.)", name)]
    out, label = b"", b""
    for octet, escaped in zip(octets, (bool(escape) for escape, _ in re.findall(r"\\x([0-9a-f]{2})|(.)", name))):
        if octet == b"." and not escaped:
            out, label = out + bytes([len(label)]) + label, b""
        else:
            label += octet
    return out + (bytes([len(label)]) + label if label else b"") + b"\0"


def question_name(message):
    at, said = 12, []
    while message[at]:
        said.append(message[at + 1:at + 1 + message[at]].decode("latin-1").lower())
        at += 1 + message[at]
    return ".".join(said), at + 5


def main(words):
    known = {}
    for word in words:
        address, _, name = word.partition("=")
        seconds, colon, rest = name.partition(":")
        known[ipaddress.ip_address(address).reverse_pointer] = (float(seconds), rest) if colon else (0.0, name)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    print("listening", flush=True)
    due = []
    while True:
        patience = max(0.0, due[0][0] - time.monotonic()) if due else None
        if select.select([server], [], [], patience)[0]:
            message, asker = server.recvfrom(2048)
            name, end = question_name(message)
            print(name, flush=True)
            seconds, answer = known.get(name, (0.0, None))
            data = labels(answer) if answer else b""
            record = struct.pack("!HHHIH", 0xC00C, 12, 1, 60, len(data)) + data if answer else b""
            head = message[:2] + struct.pack("!HHHHH", 0x8180 if answer else 0x8183, 1, bool(answer), 0, 0)
            heapq.heappush(due, (time.monotonic() + seconds, head + message[12:end] + record, asker))
        while due and due[0][0] <= time.monotonic():
            server.sendto(*heapq.heappop(due)[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
