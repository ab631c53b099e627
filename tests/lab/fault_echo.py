#!/usr/bin/env python3
"""A fault responder: answers echo requests and SYNs to whole prefixes through a TUN device, wrongly as its script says.

usage: fault_echo.py [options] PREFIX... [ADDRESS=SCRIPT...] [default=SCRIPT]
  PREFIX            routed into the device; every address in it answers (IPv4 and IPv6)
  ADDRESS=SCRIPT    what one address does; `default` is for the rest and is `good` unless said
  ADDRESS,PORT=SCRIPT   what one TCP port of it does
  from=ADDRESS      our own address, set on the device: what the kernel pings from
  router=ADDRESS    who signs ICMP errors; else the last host address of the first prefix of the family
  tun=NAME          the device; `faults0` unless said
  --owner=PID       end when this process ends; else when the parent does
  --ready-fd=FD     gets a newline when everything is answered
  --list            print the faults and their numbers in the fault list

SCRIPT: steps by `/`, one a request (`*N` repeats, the last stays), of actions by `+`:
  198.51.100.7=wrong-id+good  198.51.100.8=good*3/silent*2/good  default=late=0.5
"""
import contextlib
import fcntl
import heapq
import ipaddress
import os
import select
import signal
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from netlab import packets, tcp_faults  # noqa: E402, F401  (tcp_faults registers its own)
from netlab.faults import CATALOGUE, Bad, Context, Script  # noqa: E402

TUNSETIFF, IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 1, 0x1000, 0x4000
PLAIN = bytes(10)  # struct virtio_net_hdr: nothing to say about the packet
QUIET_AFTER = 0.5  # seconds after which held replies are let go


def checksum_left(packet):
    """virtio_net_hdr with NEEDS_CSUM: the sum over the message is still to be made (virtio 1.2, 5.1.6.2)."""
    start, protocol = (20, packet[9]) if packet[0] >> 4 == 4 else (40, packet[6])
    return struct.pack("<BBHHHH", 1, 0, 0, 0, start, 16 if protocol == packets.TCP else 2)


class Plan:
    """The command line, read."""
    answers = ("echo", "tcp")

    def __init__(self, words):
        self.prefixes, self.scripts, self.ours, routers = [], {}, [], {}
        self.tun, self.owner, self.ready_fd, default = "faults0", os.getppid(), None, "good"
        for word in words:
            name, equals, value = word.partition("=")
            if not equals:
                self.prefixes.append(ipaddress.ip_network(word))
            elif name == "default":
                default = value
            elif name == "tun":
                self.tun = value
            elif name == "from":
                self.ours.append(ipaddress.ip_address(value))
            elif name == "router":
                router = ipaddress.ip_address(value)
                routers[router.version] = router
            elif name == "--owner":
                self.owner = int(value)
            elif name == "--ready-fd":
                self.ready_fd = int(value)
            else:
                address, _, port = name.partition(",")
                self.scripts[ipaddress.ip_address(address), int(port or 0)] = Script(value)
        for prefix in self.prefixes:
            routers.setdefault(prefix.version, prefix[-2 if prefix.num_addresses > 2 else -1])
        self.default = default
        Script(default)  # a wrong one is refused now, not at the first request
        self.context = Context(routers)

    def script(self, asked):
        """The script of the port, else of the address, else of its own by default."""
        mine = self.scripts.get((asked.destination, asked.port)) if asked.asks == "tcp" else None
        return mine or self.scripts.setdefault((asked.destination, 0), Script(self.default))


def open_tun(plan):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", plan.tun.encode(), IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
    steps = [["address", "add", str(address), "dev", plan.tun, *(["nodad"] if address.version == 6 else [])]
             for address in plan.ours]
    steps += [["link", "set", plan.tun, "txqueuelen", "10000", "up"]]
    steps += [[f"-{prefix.version}", "route", "add", str(prefix), "dev", plan.tun,
               *(word for ours in plan.ours if ours.version == prefix.version for word in ("src", str(ours)))]
              for prefix in plan.prefixes]
    for words in steps:
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Bad(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return fd


class Responder:
    def __init__(self, plan, tun):
        self.plan, self.tun = plan, tun
        self.due, self.order = [], 0
        self.last_asked = 0.0

    def send(self, packet, partial):
        # The interface going down, or a full queue, is the network's business and not the end of the responder.
        with contextlib.suppress(OSError):
            os.write(self.tun, (checksum_left(packet) if partial else PLAIN) + packet)

    def take_requests(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(self.tun, 70_000)[len(PLAIN):]
                now = time.monotonic()
                asked = packets.read(packet)
                if asked is None or asked.asks not in self.plan.answers or not any(asked.destination in prefix for prefix in self.plan.prefixes):
                    continue
                if asked.asks == "tcp" and asked.wants_no_answer:
                    continue
                self.last_asked = now
                for delay, reply, partial in self.plan.script(asked).answer(asked, self.plan.context):
                    if delay > 0:
                        self.order += 1
                        heapq.heappush(self.due, (now + delay, self.order, reply, partial))
                    else:
                        self.send(reply, partial)

    def send_due(self):
        while self.due and self.due[0][0] <= time.monotonic():
            self.send(*heapq.heappop(self.due)[2:])
        if time.monotonic() - self.last_asked >= QUIET_AFTER:
            for held in self.plan.context.held.values():
                while held:
                    self.send(held.pop(), False)

    def patience(self):
        """Seconds until something must be sent unasked; None: nothing ever."""
        times = [self.due[0][0]] if self.due else []
        times += [self.last_asked + QUIET_AFTER] if any(self.plan.context.held.values()) else []
        return max(0.0, min(times) - time.monotonic()) if times else None

    def run(self, owner):
        while True:
            ready, _, _ = select.select([self.tun, owner], [], [], self.patience())
            if owner in ready:
                return
            self.take_requests()
            self.send_due()


def main(words):
    if words in ([], ["-h"], ["--help"]):
        print(__doc__, end="")
        return 0 if words else 2
    if words == ["--list"]:
        for name, what in CATALOGUE.items():
            shown = name + (f"={what.default}" if what.default else "")
            only = "".join([f" (IPv{what.only} only)" if what.only else "", f" ({what.asks} only)" if what.asks else ""])
            print(f"{shown:24} {what.case:12} {what.text}{only}")
        return 0
    try:
        plan = Plan(words)
        if not plan.prefixes:
            raise Bad("no prefix to answer for")
        owner = os.pidfd_open(plan.owner)
        tun = open_tun(plan)
    except (Bad, ValueError, OSError) as error:
        print(f"fault_echo: {error}", file=sys.stderr)
        return 2 if isinstance(error, (Bad, ValueError)) else 3
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if plan.ready_fd is not None:
        os.write(plan.ready_fd, b"\n")
        os.close(plan.ready_fd)
    Responder(plan, tun).run(owner)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
