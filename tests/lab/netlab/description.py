"""Reads a topology description: text in, checked statements out. Nothing is built here.

One statement a line; `#` starts a comment; quotes may span lines, and a backslash joins two lines.

  host a                      router r1 (forwards)             switch s1 (a bridge)
  link a 192.0.2.1/24 - r1 192.0.2.254/24 2001:db8::fe/64 [mtu=1400]
  wire a 192.0.2.1/24 - b 192.0.2.2/24 delay=10ms loss=1%      a link through delay_wire, with its options
  address a lo 198.51.100.1/32        route a default via 192.0.2.254
  device a tun0 tun                   set a eth0 arp off (as `ip link set dev eth0 ...`)
  anyip b 198.18.0.0/16               every address of the prefix answers
  nft r1 'table ip f { ... }'         sysctl r1 net.ipv4.icmp_ratelimit=0
  faults a 198.51.100.0/24 from=192.0.2.1 198.51.100.7=wrong-id default=good   see fault_echo.py --list

The ends of links are named eth0, eth1, ... in each node as they come, or as said: `link a:lan0 192.0.2.1/24 - b`.
"""
import ipaddress
import re
import shlex
from dataclasses import dataclass, field

KINDS = ("host", "router", "switch")
WIRE_OPTIONS = ("delay", "jitter", "loss", "dup", "reorder", "reorder-by", "corrupt", "rate", "queue", "seed",
                "neighbours")
NAME = re.compile(r"[a-z][a-z0-9-]{0,15}\Z")
INTERFACE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,14}\Z")  # IFNAMSIZ less its NUL


class Bad(Exception):
    """What is wrong with one statement."""


@dataclass(frozen=True)
class Node:
    name: str
    kind: str


@dataclass(frozen=True)
class End:
    node: str
    interface: str
    addresses: tuple


@dataclass(frozen=True)
class Link:
    ends: tuple
    mtu: str = ""
    wire: tuple = None  # options of the delay wire, or None: a plain veth pair


@dataclass(frozen=True)
class Setting:
    """Something done inside one node: `verb` says what, `words` are its checked arguments."""
    verb: str
    node: str
    words: tuple


@dataclass
class Description:
    path: str
    statements: list = field(default_factory=list)  # (line number, Node | Link | Setting)
    errors: list = field(default_factory=list)      # "path:line: what"

    def nodes(self):
        return [what for _, what in self.statements if isinstance(what, Node)]


def logical_lines(text):
    """Yields (number of the first line, words); a quote left open takes the next line in."""
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        pending += line
        if pending.endswith("\\"):
            pending = pending[:-1] + " "
            continue
        try:
            words = shlex.split(pending, comments=True)
        except ValueError:
            pending += "\n"
            continue
        if words:
            yield start, words
        pending, start = "", 0
    if pending.strip():
        yield start, None


def an_address(word, parse=ipaddress.ip_interface):
    try:
        if "/" in word:
            return str(parse(word))
    except ValueError:
        pass
    raise Bad(f"not an address with its prefix length: {word}")


class Reader:
    """Turns words into statements, knowing which nodes and interfaces exist so far."""

    def __init__(self):
        self.kinds = {}
        self.interfaces = {}  # node -> set of names

    def read(self, words):
        verb, rest = words[0], words[1:]
        if verb in KINDS:
            return self.node(verb, rest)
        if verb in ("link", "wire"):
            return self.link(verb, rest)
        setting = getattr(self, "set_" + verb, None)
        if setting is None:
            raise Bad(f"unknown statement: {verb}")
        if not rest:
            raise Bad(f"{verb} needs the name of a node")
        if rest[0] not in self.kinds:
            raise Bad(f"no such node: {rest[0]}")
        return Setting(verb, rest[0], tuple(setting(rest[1:])))

    def node(self, kind, words):
        if len(words) != 1 or not NAME.match(words[0]):
            raise Bad(f"{kind} needs one name: a lower case letter, then letters, digits or dashes, 16 at most")
        if words[0] in self.kinds:
            raise Bad(f"{words[0]} exists already")
        self.kinds[words[0]] = kind
        self.interfaces[words[0]] = {"lo"}
        return Node(words[0], kind)

    def link(self, verb, words):
        options = [word for word in words if "=" in word]
        plain = [word for word in words if "=" not in word]
        if plain.count("-") != 1:
            raise Bad(f"{verb} joins two ends: {verb} NODE ADDRESS... - NODE ADDRESS... [name=value...]")
        middle = plain.index("-")
        ends = (self.end(plain[:middle]), self.end(plain[middle + 1:]))
        mtu, wire = "", []
        for option in options:
            name, value = option.split("=", 1)
            if name == "mtu" and value.isascii() and value.isdigit():
                mtu = value
            elif verb == "wire" and name in WIRE_OPTIONS:
                wire.append("--" + option)
            else:
                raise Bad(f"unknown option or bad value for a {verb}: {option}")
        return Link(ends, mtu, tuple(wire) if verb == "wire" else None)

    def end(self, words):
        if not words:
            raise Bad("an end of the link has no node")
        node, _, interface = words[0].partition(":")
        if node not in self.kinds:
            raise Bad(f"no such node: {node}")
        taken = self.interfaces[node]
        interface = interface or next(name for n in range(len(taken) + 1) if (name := f"eth{n}") not in taken)
        if not INTERFACE.match(interface) or interface in taken:
            raise Bad(f"interface name taken or not usable: {interface}")
        taken.add(interface)
        addresses = tuple(an_address(word) for word in words[1:])
        if addresses and self.kinds[node] == "switch":
            raise Bad("a switch has no addresses")
        return End(node, interface, addresses)

    @staticmethod
    def set_address(words):
        if len(words) < 2:
            raise Bad("address needs an interface and an address: address NODE lo 198.51.100.1/32")
        return [words[0], *(an_address(word) for word in words[1:])]

    @staticmethod
    def set_device(words):
        if len(words) != 2 or not INTERFACE.match(words[0]) or words[1] not in ("tun", "tap"):
            raise Bad("device needs a name and a kind: device NODE tun0 tun|tap")
        return words

    @staticmethod
    def set_set(words):
        if len(words) < 2 or not INTERFACE.match(words[0]):
            raise Bad("set needs an interface and what `ip link set` takes: set NODE eth0 down")
        return words

    @staticmethod
    def set_route(words):
        if len(words) < 2:
            raise Bad("route needs what `ip route add` needs: route NODE default via 192.0.2.254")
        return words

    @staticmethod
    def set_anyip(words):
        if len(words) != 1:
            raise Bad("anyip needs one prefix: anyip NODE 198.18.0.0/16")
        return [an_address(words[0], ipaddress.ip_network)]

    @staticmethod
    def set_nft(words):
        if len(words) != 1:
            raise Bad("nft needs its rules as one quoted word")
        return words

    @staticmethod
    def set_sysctl(words):
        for word in words:
            if not re.match(r"net[./][A-Za-z0-9./_-]+=.", word) or ".." in word:
                raise Bad(f"sysctl needs net.NAME=VALUE: {word}")
        return words

    @staticmethod
    def set_faults(words):
        if not any("/" in word and "=" not in word for word in words):
            raise Bad("faults needs a prefix: faults NODE 198.51.100.0/24 [from=ADDRESS] [ADDRESS=SCRIPT...]")
        return words


def parse(text, path):
    """The whole description, with every error there is; use it only when `errors` is empty."""
    out = Description(path)
    reader = Reader()
    for number, words in logical_lines(text):
        try:
            if words is None:
                raise Bad("a quote or a backslash is left open")
            out.statements.append((number, reader.read(words)))
        except Bad as error:
            out.errors.append(f"{path}:{number}: {error}")
    if not out.errors and not out.nodes():
        out.errors.append(f"{path}:1: describes no node")
    return out
