#!/usr/bin/env python3
"""A made-up path: answers probes with a hop limit to whole prefixes through a TUN device, as routers and a target would who
do what their script says.

usage: path_responder.py [options] PREFIX... [ADDRESS=PATH...] [default=PATH]
  PREFIX            routed into the device; every address in it is a target (IPv4 and IPv6)
  ADDRESS=PATH      the path to one of them; `default` is for the rest and is `5` unless said
  from=ADDRESS      our own address, set on the device
  tun=NAME          the device; `faults0` unless said
  --owner=PID       end when this process ends; else when the parent does
  --ready-fd=FD     gets a newline when everything is answered
  --list            print what hops can do, and the kinds of extensions

PATH: the hop of the target, then what hops do that are not honest, parted by commas: HOPS:SCRIPT, where HOPS are N, N-M, or t for
the target. SCRIPT: steps by `/`, one a probe (`*N` repeats, the last stays), of actions by `+`. Hop N answers as 203.0.113.N
and 2001:db8:c::N.
  198.51.100.7=6,2:silent,4:ext=mpls,t:slow=0.3      198.51.100.8=30,1-29:exceeded*2/silent
"""
import ipaddress
import os
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fault_echo import Plan, Responder, open_tun  # noqa: E402
from netlab import path_faults  # noqa: E402
from netlab.faults import CATALOGUE, Bad  # noqa: E402
from netlab.path_faults import PathScript, Way  # noqa: E402


class Path:
    """The hops on the way to one target."""

    def __init__(self, text):
        words = text.split(",")
        if not words[0].isdigit():
            raise Bad(f"a path begins with the hop of its target: {text}")
        self.length, self.state = int(words[0]), {}
        self.scripts = {}
        for word in words[1:]:
            where, colon, script = word.partition(":")
            if not colon:
                raise Bad(f"not HOPS:SCRIPT: {word}")
            first, dash, last = where.replace("t", str(self.length)).partition("-")
            for hop in range(int(first), int(last if dash else first) + 1):
                self.scripts[hop] = PathScript(script)

    def answer(self, asked, _):
        limit = asked.packet[8 if asked.version == 4 else 7]
        way = Way(min(limit, self.length), limit >= self.length, self.state)
        script = self.scripts.setdefault(way.hop, PathScript("honest"))
        return [each for each in script.answer(asked, way) if each[1]]


class PathPlan(Plan):
    """The command line: as of fault_echo.py, with paths for scripts."""
    answers = ("echo", "tcp", "udp")

    def __init__(self, words):
        mine = [word for word in words if word.partition("=")[0] == "default" or word[:1].isdigit() and "=" in word]
        super().__init__([word for word in words if word not in mine])
        self.default, self.paths = "5", {}
        for word in mine:
            name, _, text = word.partition("=")
            if name == "default":
                self.default = text
            else:
                self.paths[ipaddress.ip_address(name)] = Path(text)
        Path(self.default)

    def script(self, asked):
        return self.paths.setdefault(asked.destination, Path(self.default))


def main(words):
    if words in ([], ["-h"], ["--help"]):
        print(__doc__, end="")
        return 0 if words else 2
    if words == ["--list"]:
        for name, what in CATALOGUE.items():
            if what.answer.__module__ == path_faults.__name__ or name == "silent":
                print(f"{name + (f'={what.default}' if what.default else ''):24} {what.case:12} {what.text}")
        print("ext:", *path_faults.kinds(4))
        return 0
    try:
        plan = PathPlan(words)
        if not plan.prefixes:
            raise Bad("no prefix to answer for")
        owner = os.pidfd_open(plan.owner)
        tun = open_tun(plan)
    except (Bad, ValueError, OSError) as error:
        print(f"path_responder: {error}", file=sys.stderr)
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
