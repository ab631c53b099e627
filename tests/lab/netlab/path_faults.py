"""What the routers of a made-up path, and the target behind them, may answer: names for the scripts of path_responder.py.
T numbers are the project's fault list. RFC 792, 4443; extensions: RFC 4884, 4950, 5837.
"""
import ipaddress
import struct
import time

from .faults import Script, fault
from .packets import ICMP, ICMPV6, TCP, UDP, checksum, ip, summed

ROUTERS = {4: ipaddress.ip_address("203.0.113.0"), 6: ipaddress.ip_address("2001:db8:c::")}  # hop N is so much more


class Way:
    """How a request came as far as `hop`, and who answers there: the target, or a router."""

    def __init__(self, hop=1, target=False, state=None):
        self.hop, self.is_target, self.state = hop, target, {} if state is None else state

    def router(self, request):
        return ROUTERS[request.version] + self.hop

    def back(self):
        """The hop limit that answers from here arrive with: routers far away begin with 255."""
        return (64 if self.hop < 50 else 255) - self.hop + 1

    def quote(self, request, hop_limit=None):
        """The request as it was when it got here."""
        packet = bytearray(request.packet)
        at = 8 if request.version == 4 else 7
        packet[at] = max(0, packet[at] - self.hop + 1) if hop_limit is None else hop_limit
        return renewed(packet)


def renewed(packet):
    """With the checksum of its IPv4 header made right."""
    packet = bytearray(packet)
    if packet[0] >> 4 == 4:
        size = (packet[0] & 15) * 4
        packet[10:12] = b"\0\0"
        packet[10:12] = struct.pack("!H", checksum(bytes(packet[:size])))
    return bytes(packet)


def tell(request, way, kind, code=0, second=b"\0\0\0\0", quote=None, source=None, ttl=None):
    """An ICMP error from here: `kind` is IPv4's and IPv6's type."""
    most = 548 if request.version == 4 else 1232  # RFC 1812 section 4.3.2.3, RFC 4443 section 3
    quote = way.quote(request)[:most] if quote is None else quote
    source = way.router(request) if source is None else source
    body = struct.pack("!BBH", kind[request.version == 6], code, 0) + second + quote
    return ip(source, request.source, summed(body, source, request.source), protocol=ICMPV6 if request.version == 6 else ICMP,
              ttl=way.back() if ttl is None else ttl)


EXCEEDED, UNREACHABLE = (11, 3), (3, 1)
PORT = {4: 3, 6: 4}


def ending(request, way, **more):
    """What an honest node answers here: time exceeded, or what the target does with such a request."""
    if not way.is_target:
        return tell(request, way, EXCEEDED, **more)
    if request.asks == "udp":
        return tell(request, way, UNREACHABLE, PORT[request.version], source=request.destination, **more)
    return request.reply(ttl=way.back())


# What honest nodes do

@fault("", "as an honest router or target does: time exceeded; an echo reply, a SYN-ACK, port unreachable")
def honest(request, _, way):
    return [ending(request, way)]


@fault("", "time exceeded, code N, from the router here, also where the target stands")
def exceeded(request, code, way):
    return [tell(request, way, EXCEEDED, int(code or 0))]


@fault("T13 T14", "time exceeded from ADDRESS")
def exceeded_from(request, address, way):
    return [tell(request, way, EXCEEDED, source=ipaddress.ip_address(address or way.router(request)))]


@fault("T11", "what the target answers, also where a router stands")
def target(request, _, way):
    return [ending(request, Way(way.hop, True))]


@fault("T20", "the RST of a closed port of the target", asks="tcp")
def reset(request, _, way):
    return [request.reset(ttl=way.back())]


@fault("T10", "port unreachable from the router")
def port_unreachable(request, _, way):
    return [tell(request, way, UNREACHABLE, PORT[request.version])]


@fault("T22", "destination unreachable, code N, from the router, or N@HOP: from that of another hop", "1")
def refuse(request, words, way):
    code, _, hop = words.partition("@")
    return [tell(request, Way(int(hop or way.hop)), UNREACHABLE, int(code), quote=way.quote(request)[:548])]


@fault("", "fragmentation needed or packet too big, MTU N, to what is longer; else honest", "1400")
def narrow(request, mtu, way):
    if len(request.packet) <= int(mtu):
        return [ending(request, way)]
    kind, code = ((3, 2), 4) if request.version == 4 else ((3, 2), 0)
    return [tell(request, Way(way.hop - 1), kind, code, struct.pack("!I", int(mtu)))]


@fault("T27", "silent to packets of more than N octets; else honest", "1400")
def hole(request, most, way):
    return [ending(request, way)] if len(request.packet) <= int(most) else []


@fault("T28", "honest to requests of one kind alone: udp, echo or tcp", "echo")
def only(request, kind, way):
    return [ending(request, way)] if request.asks == kind else []


@fault("T16", "honest N times a second, after a burst of six", "1")
def limited(request, rate, way):
    now = time.monotonic()
    tokens, then = way.state.get(way.hop, (6.0, now))
    tokens = min(6.0, tokens + (now - then) * float(rate))
    way.state[way.hop] = (tokens - 1 if tokens >= 1 else tokens, now)
    return [ending(request, way)] if tokens >= 1 else []


@fault("T15", "honest, SECONDS late", "0.2")
def slow(request, seconds, way):
    return [(float(seconds), ending(request, way), False)]


@fault("T12", "honest, and N duplicates", "1")
def twice(request, copies, way):
    return [ending(request, way)] * (1 + int(copies))


@fault("T17", "honest, arriving with TTL or hop limit N", "0")
def arrives(request, ttl, way):
    if request.asks == "udp" or not way.is_target:
        return [ending(request, way, ttl=int(ttl))]
    return [request.reply(ttl=int(ttl))]


@fault("T19", "time exceeded of N octets: the quote and zeros", "65535", only=4)
def huge(request, octets, way):
    return [tell(request, way, EXCEEDED, quote=way.quote(request).ljust(int(octets) - 28, b"\0"))]


# Quotes

def quoting(request, way, packet):
    return [ending(request, way, quote=packet) if request.asks == "udp" or not way.is_target else
            tell(request, way, EXCEEDED, quote=packet)]


@fault("T1", "time exceeded that quotes nothing")
def no_quote(request, _, way):
    return quoting(request, way, b"")


@fault("T3", "the quote cut to N octets", "28")
def quote_cut(request, octets, way):
    return quoting(request, way, way.quote(request)[:int(octets)])


@fault("T2", "a quote whose IHL, or IP version, is said to be N words or version N", "15")
def quote_ihl(request, words, way):
    packet = bytearray(way.quote(request))
    packet[0] = 4 << 4 | int(words) if request.version == 4 else int(words) << 4
    return quoting(request, way, bytes(packet))


@fault("T4", "a quote of protocol N", "132")
def quote_protocol(request, number, way):
    packet = bytearray(way.quote(request))
    packet[9 if request.version == 4 else 6] = int(number)
    return quoting(request, way, renewed(packet))


def renumbered(request, packet):
    """With all of it changed that names a probe: checksum, sequence, identification, payload."""
    packet, start = bytearray(packet), request.header_size
    if request.version == 4:
        packet[5] ^= 0x55
    for at in range({"udp": 6, "echo": 6, "tcp": 4}[request.asks], min(len(packet) - start, 24)):
        packet[start + at] ^= 0x55
    return renewed(packet)


@fault("T5", "a quote of somebody else's probe: other ports, or another identifier, and of another number")
def quote_foreign(request, _, way):
    packet = bytearray(way.quote(request))
    for at in (1, 3) if request.asks != "echo" else (5, 7):
        packet[request.header_size + at] ^= 0x55
    return quoting(request, way, renumbered(request, packet))


@fault("T5", "a quote with another destination port", asks="udp")
def quote_port(request, _, way):
    packet = bytearray(way.quote(request))
    packet[request.header_size + 3] ^= 0x55
    return quoting(request, way, bytes(packet))


@fault("T5", "a quote to another destination")
def quote_destination(request, _, way):
    packet = bytearray(way.quote(request))
    packet[19 if request.version == 4 else 39] ^= 0x15
    return quoting(request, way, renewed(packet))


@fault("T5", "a quote with our ports, and of another number")
def quote_number(request, _, way):
    return quoting(request, way, renumbered(request, way.quote(request)))


@fault("T6", "a quote with 12 octets of IP options", only=4)
def quote_options(request, _, way):
    packet = bytearray(way.quote(request))
    packet[20:20] = b"\x01" * 12
    packet[0] += 3
    packet[2:4] = struct.pack("!H", len(packet))
    return quoting(request, way, renewed(packet))


def changed_words(packet, places):
    """The packet with 16-bit words replaced, and its transport checksum as a NAT would mend it. RFC 1624, equation 3."""
    start = (packet[0] & 15) * 4 if packet[0] >> 4 == 4 else 40
    protocol = packet[9] if packet[0] >> 4 == 4 else packet[6]
    at = start + {UDP: 6, TCP: 16, ICMP: 2, ICMPV6: 2}[protocol]
    old = struct.unpack("!H", packet[at:at + 2])[0]
    total = old ^ 0xFFFF
    for place, value in places.items():
        if protocol != ICMP or place >= start:
            total += (struct.unpack("!H", packet[place:place + 2])[0] ^ 0xFFFF) + value
        packet[place:place + 2] = struct.pack("!H", value)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    packet[at:at + 2] = struct.pack("!H", total ^ 0xFFFF)
    return renewed(packet)


@fault("T7", "a quote from another source address, checksums mended: a NAT that does not translate back")
def nat(request, _, way):
    packet, at = bytearray(way.quote(request)), 14 if request.version == 4 else 22
    return quoting(request, way, changed_words(packet, {at: struct.unpack("!H", packet[at:at + 2])[0] ^ 0x0102}))


@fault("T7", "the same with a source port or identifier of its own")
def nat_port(request, _, way):
    packet, at = bytearray(way.quote(request)), 14 if request.version == 4 else 22
    port = request.header_size + (4 if request.asks == "echo" else 0)
    return quoting(request, way, changed_words(packet, {at: struct.unpack("!H", packet[at:at + 2])[0] ^ 0x0102, port: 61000}))


@fault("T7", "a quote whose transport checksum is another, and nothing else")
def quote_checksum(request, _, way):
    packet = bytearray(way.quote(request))
    packet[request.header_size + {"udp": 7, "echo": 3, "tcp": 17}[request.asks]] ^= 0x55
    return quoting(request, way, bytes(packet))


@fault("", "a quote with TOS or traffic class N", "0")
def quote_class(request, value, way):
    packet = bytearray(way.quote(request))
    if request.version == 4:
        packet[1] = int(value)
    else:
        packet[0], packet[1] = 6 << 4 | int(value) >> 4, (int(value) & 15) << 4 | packet[1] & 15
    return quoting(request, way, renewed(packet))


@fault("", "a quote with TTL or hop limit N, or N@HOP: from the router of another hop", "2")
def quote_ttl(request, words, way):
    value, _, hop = words.partition("@")
    quote = way.quote(request, int(value))
    return [tell(request, Way(int(hop)), EXCEEDED, quote=quote)] if hop else quoting(request, way, quote)


# Extensions

def object_of(kind, value, length=None):
    return struct.pack("!HH", 4 + len(value) if length is None else length, kind) + value


def label(number, ttl=1, last=True):
    return struct.pack("!I", number << 12 | 5 << 9 | last << 8 | ttl)


INTERFACE = 2 << 8


def interface(version, role=0, name=b"ge-0/0/1", mtu=9000):
    """RFC 5837 section 4.1: index, address, name and MTU of the interface with `role`."""
    address = ROUTERS[version] + 77
    said = struct.pack("!I", 17) + struct.pack("!HH", 1 if version == 4 else 2, 0) + address.packed
    size = 1 + len(name) + -(1 + len(name)) % 4
    said += (bytes([size]) + name).ljust(size, b"\0") + struct.pack("!I", mtu)
    return object_of(INTERFACE | role << 6 | 0x0F, said)


def kinds(version):
    """name: (the objects, how the extension is wrong)."""
    mpls = object_of(0x0101, label(16001))
    return {
        "mpls": (mpls, {}),
        "mpls-two": (object_of(0x0101, label(16001, 2, False) + label(24005, 1)), {}),
        "mpls-endless": (object_of(0x0101, b"".join(label(100 + each, 1, False) for each in range(100))), {}),
        "interface": (interface(version), {}),
        "interfaces": (interface(version, 0) + interface(version, 2, b"xe-9/9/9"), {}),
        "interface-hostile": (interface(version, 0, b"\x1b[2J\r\n\"|"), {}),
        "interface-cut": (object_of(INTERFACE | 0x0F, interface(version)[4:11]), {}),
        "interface-name-lies": (object_of(INTERFACE | 0x02, b"\xff" + b"abc"), {}),
        "interface-name-0": (object_of(INTERFACE | 0x02, b"\x00abc"), {}),
        "interface-family": (object_of(INTERFACE | 0x04, struct.pack("!HH", 99, 0) + bytes(4)), {}),
        "unknown": (object_of(0xF701, b"\xca\xfe\xba\xbe"), {}),
        "mpls-unknown": (mpls + object_of(0xF701, b"\xca\xfe\xba\xbe"), {}),
        "empty": (b"", {}),
        "object-0": (object_of(0x0101, label(1), 0), {}),
        "object-3": (object_of(0x0101, label(1), 3), {}),
        "object-4": (object_of(0x0101, b""), {}),
        "object-6": (object_of(0x0101, b"\0\0\0\0", 6), {}),
        "object-long": (object_of(0x0101, label(1), 400), {}),
        "object-65535": (object_of(0x0101, label(1), 65535), {}),
        "object-good-then-0": (mpls + object_of(0x0101, label(2), 0), {}),
        "object-thousand": (object_of(0xF702, b"") * 280, {}),
        "version": (mpls, {"version": 3}),
        "checksum": (mpls, {"flip": 0x5555}),
        "checksum-0": (mpls, {"none": True}),
        "cut": (mpls, {"keep": 3}),
        "length-lies": (mpls, {"length": 255}),
        "length-short": (mpls, {"length": 8}),
        "legacy": (mpls, {"length": 0}),
    }


def extension(objects, version=2, flip=0, none=False):
    head = struct.pack("!BBH", version << 4, 0, 0)
    total = 0 if none else checksum(head + objects) ^ flip
    return head[:2] + struct.pack("!H", total) + objects


@fault("T8 T9", "honest with an extension of the KIND: mpls, interface, object-0, ... (path_responder.py --list)", "mpls")
def ext(request, kind, way):
    objects, wrong = kinds(request.version)[kind]
    said = extension(objects, **{key: wrong[key] for key in ("version", "flip", "none") if key in wrong})
    said = said[:wrong.get("keep", len(said))]
    words = wrong.get("length", 32 if request.version == 4 else 16)  # RFC 4884 section 4: of 32 bits, IPv6: of 64
    second = bytes([0, words, 0, 0]) if request.version == 4 else bytes([words, 0, 0, 0])
    return [ending(request, way, second=second, quote=way.quote(request)[:128].ljust(128, b"\0") + said)]


class PathScript(Script):
    """What one hop does, request by request."""

    @staticmethod
    def trial(request):
        return Way(2)
