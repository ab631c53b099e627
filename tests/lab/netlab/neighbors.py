"""Frames that ask who has an address, right or wrong as told: ARP, RARP, InARP (RFC 826, 903, 2390), neighbour discovery
(RFC 4861), the echo request to everyone; untagged, under 802.1Q tags, in LLC and SNAP (RFC 1042)."""
import ipaddress
import struct

from .packets import ICMPV6, ip, read, summed

ARP, RARP, IPV4, IPV6 = 0x0806, 0x8035, 0x0800, 0x86DD
TAGS = (0x8100, 0x88A8, 0x9100)
SNAP, LLC = b"\xaa\xaa\x03\0\0\0", b"\x98\x98\x03"  # 0x98: the SAP of ARP
EVERYONE = b"\xff" * 6
ALL_NODES = ipaddress.ip_address("ff02::1")
ROUTER, SOLICITED, OVERRIDE = 0x80, 0x40, 0x20
LEAST = 60  # of a frame on Ethernet, without its checksum


def mac(text):
    octets = bytes(int(part, 16) for part in text.split(":"))
    if len(octets) != 6:
        raise ValueError(f"not a hardware address: {text}")
    return octets


def group_mac(address):
    return b"\x33\x33" + address.packed[-4:]


def frame(destination, source, kind, body, tags=(), framing="ethernet", padding=b"\0"):
    """`tags` are (TPID, TCI), outermost first."""
    head = destination + source + b"".join(struct.pack("!HH", *tag) for tag in tags)
    if framing == "ethernet":
        head += struct.pack("!H", kind)
    else:
        body = (SNAP + struct.pack("!H", kind) if framing == "snap" else LLC) + body
        head += struct.pack("!H", len(body))
    whole = head + body
    return whole + (padding * LEAST)[:max(0, LEAST - len(whole))]


class Question:
    """A frame that asks for `target`: `asks` is arp, announce (sender and target are one), rarp, inarp, nd or echo."""

    def __init__(self, octets, tags, framing, **fields):
        self.octets, self.destination, self.source = octets, octets[:6], octets[6:12]
        self.tags, self.framing = tags, framing
        self.asks, self.target, self.sender = fields["asks"], fields["target"], fields["sender"]
        self.hardware = fields.get("hardware", self.source)  # of who asks, or is asked for by RARP
        self.echo = fields.get("echo")

    @property
    def version(self):
        return self.target.version

    @property
    def to_everyone(self):
        return bool(self.destination[0] & 1)

    @property
    def is_probe(self):
        """Somebody wants the address: RFC 5227 section 2.1.1, RFC 4862 section 5.4."""
        return int(self.sender) == 0

    def put(self, kind, body, source, **more):
        """A frame back, under the tags and in the framing of the question unless said otherwise. `cut` is its length."""
        words = {"tags": self.tags, "framing": self.framing, "padding": b"\0"} | {
            name: more[name] for name in ("tags", "framing", "padding") if name in more}
        return frame(more.get("to", self.source), more.get("frame_from", source), kind, body, **words)[:more.get("cut")]

    def arp(self, owner, operation=2, sender=None, target=None, target_hardware=None, htype=1, ptype=IPV4, hlen=6, plen=4,
            kind=ARP, **more):
        body = struct.pack("!HHBBH", htype, ptype, hlen, plen, operation) + owner + (self.target if sender is None else sender).packed
        body += (self.hardware if target_hardware is None else target_hardware) + (self.sender if target is None else target).packed
        return self.put(kind, body, owner, **more)

    def advertisement(self, owner, flags=None, option=True, target=None, source=None, destination=None, hop_limit=255, code=0,
                      flip=0, message_cut=None, extra=b"", **more):
        """To who asked, solicited; to everyone where that is nobody (RFC 4861 section 7.2.4)."""
        target, source = self.target if target is None else target, self.target if source is None else source
        if destination is None:
            destination = ALL_NODES if self.is_probe else self.sender
        if flags is None:
            flags = OVERRIDE if destination.is_multicast else SOLICITED | OVERRIDE
        body = struct.pack("!BBHI", 136, code, 0, flags << 24) + target.packed + (b"\x02\x01" + owner if option else b"") + extra
        packet = ip(source, destination, summed(body[:message_cut], source, destination, flip), hop_limit=hop_limit)
        if destination.is_multicast:
            more.setdefault("to", group_mac(destination))
        return self.put(IPV6, packet, owner, **more)

    def reply(self, owner, **more):
        """The right answer of `owner`; `more` goes to the frame alone."""
        return (self.arp if self.version == 4 else self.advertisement)(owner, **more)

    def announcement(self, owner, operation=1, **more):
        """RFC 5227 section 2.3; RFC 4861 section 7.2.6."""
        if self.version == 4:
            return self.arp(owner, operation, target=self.target, target_hardware=bytes(6), to=EVERYONE, **more)
        return self.advertisement(owner, OVERRIDE, destination=ALL_NODES, **more)

    def question(self, owner, sender, **more):
        """`owner` asks for the same address, from `sender`; unspecified: it wants it itself."""
        if self.version == 4:
            return self.arp(owner, 1, sender=sender, target=self.target, target_hardware=bytes(6), to=EVERYONE, **more)
        group = ipaddress.ip_address(b"\xff\x02" + bytes(9) + b"\x01\xff" + self.target.packed[-3:])
        body = struct.pack("!BBHI", 135, 0, 0, 0) + self.target.packed
        body += b"\x0e\x01" + b"\x5a" * 6 if int(sender) == 0 else b"\x01\x01" + owner
        return self.put(IPV6, ip(sender, group, summed(body, sender, group), hop_limit=255), owner, to=group_mac(group), **more)

    def echo_reply(self, owner, source):
        """A host's answer to an echo request, even to one that went to everyone."""
        return self.put(IPV4 if source.version == 4 else IPV6, self.echo.reply(source=source), owner)


def opened(octets):
    """(tags, framing, type, body) of a frame; type None: nothing that is known here."""
    at, tags = 12, []
    while len(octets) >= at + 4 and (tag := struct.unpack("!HH", octets[at:at + 4]))[0] in TAGS:
        tags.append(tag)
        at += 4
    kind = int.from_bytes(octets[at:at + 2], "big")
    body = octets[at + 2:]
    if kind >= 0x600:
        return tags, "ethernet", kind, body
    if body.startswith(SNAP):
        return tags, "snap", int.from_bytes(body[6:8], "big"), body[8:]
    if body.startswith(LLC):
        return tags, "llc", ARP, body[3:]
    return tags, "", None, body


def question(octets):
    """The Question in a frame, or None."""
    tags, framing, kind, body = opened(octets)
    if kind in (ARP, RARP) and len(body) >= 28:
        operation, sha, spa, tha, tpa = struct.unpack("!6xH6s4s6s4s", body[:28])
        sender, target = ipaddress.ip_address(spa), ipaddress.ip_address(tpa)
        if operation in (1, 2) and sender == target:
            return Question(octets, tags, framing, asks="announce", target=target, sender=sender, hardware=sha)
        asks = {1: "arp", 3: "rarp", 8: "inarp"}.get(operation)
        if asks:
            return Question(octets, tags, framing, asks=asks, target=target, sender=sender, hardware=tha if asks == "rarp" else sha)
    if kind == IPV6 and len(body) >= 64 and body[6] == ICMPV6 and body[40] in (135, 136):
        source, destination, target = (ipaddress.ip_address(body[at:at + 16]) for at in (8, 24, 48))
        if body[40] == 135 or destination.is_multicast:
            return Question(octets, tags, framing, asks="nd" if body[40] == 135 else "announce", target=target, sender=source)
    if kind in (IPV4, IPV6):
        echo = read(body)
        if echo is not None and echo.asks == "echo":
            return Question(octets, tags, framing, asks="echo", target=echo.destination, sender=echo.source, echo=echo)
    return None


def example(version):
    """A well-formed question, to try an answer on."""
    asker = mac("00:00:5e:00:53:01")
    if version == 4:
        ours, theirs = (ipaddress.ip_address(word) for word in ("192.0.2.1", "192.0.2.2"))
        body = struct.pack("!HHBBH", 1, IPV4, 6, 4, 1) + asker + ours.packed + bytes(6) + theirs.packed
        return question(frame(EVERYONE, asker, ARP, body))
    ours, theirs = (ipaddress.ip_address(word) for word in ("2001:db8::1", "2001:db8::2"))
    body = struct.pack("!BBHI", 135, 0, 0, 0) + theirs.packed + b"\x01\x01" + asker
    group = ipaddress.ip_address("ff02::1:ff00:2")
    return question(frame(group_mac(group), asker, IPV6, ip(ours, group, summed(body, ours, group), hop_limit=255)))
