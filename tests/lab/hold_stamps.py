#!/usr/bin/env python3
"""Keeps the kernel stamping what it receives, until it is ended.

The kernel begins to stamp a little after the first socket has asked, so a trace of a millisecond, alone on its host, is
over before. Says "ready" once a packet to itself came with a stamp.
"""
import signal
import socket

SO_TIMESTAMP = 29  # asm-generic/socket.h

own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
own.bind(("127.0.0.1", 0))
for _ in range(100_000):
    own.sendto(b"?", own.getsockname())
    if own.recvmsg(1, 64)[1]:
        break
else:
    raise SystemExit("no stamp came")
print("ready", flush=True)
signal.pause()
