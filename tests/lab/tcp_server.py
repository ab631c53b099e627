#!/usr/bin/env python3
"""Listens on ports that each behave in their own way, over IPv4 and IPv6, until it is ended.

usage: tcp_server.py PORT=BEHAVIOUR...
  open          takes every connection and says nothing (a tarpit, to who waits for a banner)
  full          a backlog of one that somebody fills: see what full_backlog() does
  say:TEXT      says TEXT and a line end, then waits for the peer to close; C escapes are read
  answer:TEXT   the same, after the first octets of the peer
  fin           closes at once          reset         resets at once
  drip          an octet every 0.2 s    flood         64 KB over and over, a gigabyte in all
  binary        all 256 octets, then closes
Writes a line when all of them listen.
"""
import contextlib
import socket
import struct
import sys
import threading
import time


def until_closed(peer):
    while peer.recv(65536):
        pass


def drip(peer, _):
    while True:
        peer.sendall(b"x")
        time.sleep(0.2)


def flood(peer, _):
    for _ in range(16384):
        peer.sendall(b"y" * 65536)


def binary(peer, _):
    peer.sendall(bytes(range(256)))


def say(peer, text):
    peer.sendall(text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
    until_closed(peer)


def answer(peer, text):
    if peer.recv(65536):
        say(peer, text)


def reset(peer, _):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


BEHAVIOURS = {"open": lambda peer, _: until_closed(peer), "say": say, "answer": answer, "fin": lambda *_: None, "reset": reset,
              "drip": drip, "flood": flood, "binary": binary}


def serve(listener, behaviour, text):
    def one(peer):
        with peer, contextlib.suppress(OSError):
            behaviour(peer, text)
    while True:
        threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()


def full_backlog(port):
    """Two connections of our own that nobody accepts: with a backlog of 0 the kernel drops every SYN after them."""
    for host in ("127.0.0.1", "::1"):
        for _ in range(2):
            filler = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            filler.setblocking(False)
            filler.connect_ex((host, port))
            kept.append(filler)


kept = []


def main(words):
    if not words or not all("=" in word for word in words):
        print(__doc__, end="")
        return 2
    for word in words:
        port, _, behaviour = word.partition("=")
        name, _, text = behaviour.partition(":")
        listener = socket.socket(socket.AF_INET6)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", int(port)))
        listener.listen(0 if name == "full" else 4096)
        kept.append(listener)
        if name == "full":
            full_backlog(int(port))
        else:
            threading.Thread(target=serve, args=(listener, BEHAVIOURS[name], text), daemon=True).start()
    print("listening", flush=True)
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
