#!/usr/bin/env python3
"""A link full of odd hosts: answers ARP, RARP, InARP, neighbour solicitations and echo requests to everyone on a TAP device,
wrongly as its script says. Hosts that Linux cannot play: under VLAN tags, in LLC and SNAP, unicast only, forged.

usage: arp_responder.py [options] [PREFIX...] [ADDRESS=SCRIPT...] [MAC=ADDRESS[+HOW...]...]
  PREFIX            every address in it does what `default` says
  ADDRESS=SCRIPT    what one address does when it is asked for
  ADDRESS,announced=SCRIPT   what it does when another announces it; nothing unless said
  default=SCRIPT    for the rest of the prefixes; `good` unless said
  MAC=ADDRESS+HOW   a host that is found by its MAC: HOW are rarp (a server tells), inarp, echo (answers when everyone is asked)
  from=ADDRESS/LEN  our own address, set on the device
  tap=NAME          the device; `tap0` unless said
  mac=MAC           its hardware address, which is ours
  master=NAME       make it a port of this bridge
  --owner=PID       end when this process ends; else when the parent does
  --ready-fd=FD     gets a newline when everything is answered
  --list            print the habits and their numbers in the fault list

SCRIPT: steps by `/`, one a question (`*N` repeats, the last stays), of actions by `+`; hardware addresses with dots:
  192.0.2.7=good+good=00.00.5e.00.53.99     192.0.2.8=good*3/silent*2/good     2001:db8::9=flags=rs
"""
import contextlib
import fcntl
import heapq
import ipaddress
import os
import signal
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fault_echo import TUNSETIFF, Responder  # noqa: E402
from netlab import neighbors  # noqa: E402
from netlab.arp_faults import HABITS, Script  # noqa: E402
from netlab.faults import Bad  # noqa: E402

IFF_TAP, IFF_NO_PI = 2, 0x1000
SERVER = neighbors.mac("00:00:5e:00:53:fd")  # of RARP


class Host:
    """One that is found by its hardware address."""

    def __init__(self, mac, text):
        address, *ways = text.split("+")
        self.mac, self.address, self.ways = mac, ipaddress.ip_address(address), set(ways)
        if self.ways - {"rarp", "inarp", "echo"}:
            raise Bad(f"not a way to find a host: {text}")

    def answers(self, question):
        for_me = question.destination == self.mac or question.to_everyone
        if question.asks not in self.ways:
            return
        if question.asks == "rarp" and question.hardware == self.mac:
            yield question.arp(SERVER, 4, sender=ipaddress.ip_address("192.0.2.253"), target=self.address, kind=neighbors.RARP)
        elif question.asks == "inarp" and for_me:
            yield question.arp(self.mac, 9, sender=self.address)
        elif question.asks == "echo" and for_me and question.version == self.address.version:
            yield question.echo_reply(self.mac, self.address)


class Plan:
    """The command line, read."""

    def __init__(self, words):
        self.prefixes, self.scripts, self.announced, self.hosts, self.ours = [], {}, {}, [], []
        self.tap, self.mac, self.master, self.owner, self.ready_fd, self.default = "tap0", None, None, os.getppid(), None, "good"
        settings = {"default": str, "tap": str, "mac": str, "master": str, "--owner": int, "--ready-fd": int}
        for word in words:
            name, equals, value = word.partition("=")
            if name in settings:
                setattr(self, name.removeprefix("--").replace("-", "_"), settings[name](value))
            elif not equals:
                self.prefixes.append(ipaddress.ip_network(word))
            elif name == "from":
                self.ours.append(str(ipaddress.ip_interface(value)))
            elif name.count(":") == 5 and "::" not in name:
                self.hosts.append(Host(neighbors.mac(name), value))
            else:
                address, _, when = name.partition(",")
                if when not in ("", "announced"):
                    raise Bad(f"not a time at which a script is played: {when}")
                (self.announced if when else self.scripts)[ipaddress.ip_address(address)] = Script(value)
        Script(self.default)

    class context:  # what a Responder lets go when it is quiet: nothing here is held
        held = {}

    def script(self, question):
        if question.asks == "announce":
            return self.announced.get(question.target)
        if question.target not in self.scripts and any(question.target in prefix for prefix in self.prefixes):
            self.scripts[question.target] = Script(self.default)
        return self.scripts.get(question.target)


def open_tap(plan):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", plan.tap.encode(), IFF_TAP | IFF_NO_PI))
    steps = [["link", "set", plan.tap, "address", plan.mac]] if plan.mac else []
    steps += [["address", "add", address, "dev", plan.tap, *(["nodad"] if ":" in address else [])] for address in plan.ours]
    steps += [["link", "set", plan.tap, "master", plan.master]] if plan.master else []
    steps += [["link", "set", plan.tap, "txqueuelen", "10000", "up"]]
    for words in steps:
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Bad(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return fd


class LinkResponder(Responder):
    """The loop of fault_echo.py over frames."""

    def send(self, packet, _partial=False):
        with contextlib.suppress(OSError):  # the device is down: the network's business
            os.write(self.tun, packet)

    def answers(self, question):
        script = self.plan.script(question) if question.asks in ("arp", "nd", "announce") else None
        yield from script.answer(question) if script else ()
        for host in self.plan.hosts:
            yield from ((0, octets) for octets in host.answers(question))

    def take_requests(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                question = neighbors.question(os.read(self.tun, 70_000))
                now = time.monotonic()
                if question is None:
                    continue
                for delay, octets in self.answers(question):
                    if delay > 0:
                        self.order += 1
                        heapq.heappush(self.due, (now + delay, self.order, octets, False))
                    else:
                        self.send(octets)


def main(words):
    if words in ([], ["-h"], ["--help"]):
        print(__doc__, end="")
        return 0 if words else 2
    if words == ["--list"]:
        for name, what in HABITS.items():
            shown = name + (f"={what.default}" if what.default else "")
            print(f"{shown:28} {what.case:6} {what.text}{f' (IPv{what.only} only)' if what.only else ''}")
        return 0
    try:
        plan = Plan(words)
        owner = os.pidfd_open(plan.owner)
        tap = open_tap(plan)
    except (Bad, ValueError, OSError) as error:
        print(f"arp_responder: {error}", file=sys.stderr)
        return 2 if isinstance(error, (Bad, ValueError)) else 3
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if plan.ready_fd is not None:
        os.write(plan.ready_fd, b"\n")
        os.close(plan.ready_fd)
    LinkResponder(plan, tap).run(owner)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
