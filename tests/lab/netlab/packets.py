"""Bytes of IPv4, IPv6 and ICMP, right or wrong as asked. RFC 791, 792, 1071, 4443, 8200."""
import ipaddress
import struct

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58


def checksum(data):
    """RFC 1071: the complement of the ones' complement sum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def pseudo_header(source, destination, length):
    """RFC 8200 section 8.1, for ICMPv6."""
    return source.packed + destination.packed + struct.pack("!II", length, ICMPV6)


def summed(message, source, destination, flip=0):
    """The ICMP message with its checksum filled in, wrong by `flip`."""
    zeroed = message[:2] + b"\0\0" + message[4:]
    over = pseudo_header(source, destination, len(message)) + zeroed if source.version == 6 else zeroed
    return message[:2] + struct.pack("!H", checksum(over) ^ flip) + message[4:]


def ipv4(source, destination, payload, options=b"", ttl=64, ihl=None, total=None, protocol=ICMP):
    """`ihl` (words) and `total` lie when given; `options` are padded to words with end-of-list."""
    options += b"\0" * (-len(options) % 4)
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    total = 20 + len(options) + len(payload) if total is None else total
    head = struct.pack("!BBHHHBBH", 4 << 4 | ihl, 0, total, 0x1234, 0, ttl, protocol, 0)
    head += source.packed + destination.packed + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv6(source, destination, payload, next_header=ICMPV6, hop_limit=64, length=None):
    length = len(payload) if length is None else length
    return struct.pack("!IHBB", 6 << 28, length, next_header, hop_limit) + source.packed + destination.packed + payload


def ip(source, destination, payload, **more):
    return (ipv6 if source.version == 6 else ipv4)(source, destination, payload, **more)


class Echo:
    """An echo request off the wire; None from `read` when the packet is anything else."""

    def __init__(self, packet, source, destination, message):
        self.packet, self.source, self.destination = packet, source, destination
        self.code, self.id, self.seq = message[1], *struct.unpack("!HH", message[4:8])
        self.payload = message[8:]

    @property
    def version(self):
        return self.source.version

    @staticmethod
    def read(packet):
        version = packet[0] >> 4 if packet else 0
        if version == 4 and len(packet) >= 28:
            start = (packet[0] & 15) * 4
            fragment = struct.unpack("!H", packet[6:8])[0] & 0x3FFF
            wanted, protocol, request = ICMP, packet[9], 8
            source, destination = (ipaddress.IPv4Address(packet[at:at + 4]) for at in (12, 16))
        elif version == 6 and len(packet) >= 48:
            start, fragment, wanted, protocol, request = 40, 0, ICMPV6, packet[6], 128
            source, destination = (ipaddress.IPv6Address(packet[at:at + 16]) for at in (8, 24))
        else:
            return None
        message = packet[start:]
        if protocol != wanted or fragment or len(message) < 8 or message[0] != request:
            return None
        return Echo(packet, source, destination, message)

    def reply(self, kind=None, code=0, id=None, seq=None, payload=None, cut=None, flip=0, **header):
        """The echo reply, with what is named made different. `cut` keeps that many octets of the message."""
        kind = (129 if self.version == 6 else 0) if kind is None else kind
        body = struct.pack("!BBHHH", kind, code, 0, self.id if id is None else id & 0xFFFF,
                           self.seq if seq is None else seq & 0xFFFF) + (self.payload if payload is None else payload)
        source = header.pop("source", self.destination)
        return ip(source, self.source, summed(body[:cut], source, self.source, flip), **header)

    def error(self, router, kind, code=0, rest=0, quote=None):
        """An ICMP error about the request from `router`: `rest` is the second word, `quote` the packet quoted."""
        most = 548 if self.version == 4 else 1232  # RFC 1812 section 4.3.2.3, RFC 4443 section 3
        quote = self.packet[:most] if quote is None else quote
        body = struct.pack("!BBHI", kind, code, 0, rest) + quote
        return ip(router, self.source, summed(body, router, self.source))


def request(version):
    """A well-formed echo request of ping's usual size between two documentation addresses."""
    words = ("192.0.2.1", "192.0.2.2") if version == 4 else ("2001:db8::1", "2001:db8::2")
    source, destination = map(ipaddress.ip_address, words)
    body = struct.pack("!BBHHH", 8 if version == 4 else 128, 0, 0, 0x5A5A, 1) + bytes(range(56))
    return Echo.read(ip(source, destination, summed(body, source, destination)))
