"""Bytes of IPv4, IPv6, ICMP, TCP and UDP, right or wrong as asked. RFC 768, 791, 792, 1071, 4443, 8200, 9293."""
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


def pseudo_header(source, destination, length, protocol=ICMPV6):
    """RFC 8200 section 8.1, RFC 9293 section 3.1."""
    tail = struct.pack("!II", length, protocol) if source.version == 6 else struct.pack("!HH", protocol, length)
    return source.packed + destination.packed + tail


def summed(message, source, destination, flip=0):
    """The ICMP message with its checksum filled in, wrong by `flip`."""
    zeroed = message[:2] + b"\0\0" + message[4:]
    over = pseudo_header(source, destination, len(message)) + zeroed if source.version == 6 else zeroed
    return message[:2] + struct.pack("!H", checksum(over) ^ flip) + message[4:]


def tcp_summed(segment, source, destination, flip=0):
    """The same for TCP; of a segment that ends before its checksum nothing is changed."""
    if len(segment) < 18:
        return segment
    zeroed = segment[:16] + b"\0\0" + segment[18:]
    over = pseudo_header(source, destination, len(segment), TCP) + zeroed
    return segment[:16] + struct.pack("!H", checksum(over) ^ flip) + segment[18:]


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
    if source.version == 6 and "ttl" in more:
        more["hop_limit"] = more.pop("ttl")
    if source.version == 6 and "protocol" in more:
        more["next_header"] = more.pop("protocol")
    return (ipv6 if source.version == 6 else ipv4)(source, destination, payload, **more)


class Request:
    """What is asked of us: an echo request, a TCP segment or a UDP datagram, off the wire."""

    def __init__(self, packet, source, destination):
        self.packet, self.source, self.destination = packet, source, destination

    @property
    def version(self):
        return self.source.version

    @property
    def header_size(self):
        """Of the IP header; extension headers are not read here."""
        return 40 if self.version == 6 else (self.packet[0] & 15) * 4

    def error(self, router, kind, code=0, rest=0, quote=None):
        """An ICMP error about the request from `router`: `rest` is the second word, `quote` the packet quoted."""
        most = 548 if self.version == 4 else 1232  # RFC 1812 section 4.3.2.3, RFC 4443 section 3
        quote = self.packet[:most] if quote is None else quote
        body = struct.pack("!BBHI", kind, code, 0, rest) + quote
        return ip(router, self.source, summed(body, router, self.source))


def read(packet):
    """An Echo, a Segment, a Datagram, or None when the packet is anything else."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 28:
        start = (packet[0] & 15) * 4
        fragment, protocol = struct.unpack("!H", packet[6:8])[0] & 0x3FFF, packet[9]
        source, destination = (ipaddress.IPv4Address(packet[at:at + 4]) for at in (12, 16))
    elif version == 6 and len(packet) >= 48:
        start, fragment, protocol = 40, 0, packet[6]
        source, destination = (ipaddress.IPv6Address(packet[at:at + 16]) for at in (8, 24))
    else:
        return None
    message = packet[start:]
    if fragment:
        return None
    if protocol == TCP and len(message) >= 20:
        return Segment(packet, source, destination, message)
    if protocol == UDP and len(message) >= 8:
        return Datagram(packet, source, destination, message)
    wanted = (ICMPV6, 128) if version == 6 else (ICMP, 8)
    return Echo(packet, source, destination, message) if len(message) >= 8 and (protocol, message[0]) == wanted else None


class Echo(Request):
    """An echo request."""
    asks = "echo"
    checksum_at = 2

    def __init__(self, packet, source, destination, message):
        super().__init__(packet, source, destination)
        self.code, self.id, self.seq = message[1], *struct.unpack("!HH", message[4:8])
        self.payload = message[8:]

    def reply(self, kind=None, code=0, id=None, seq=None, payload=None, cut=None, flip=0, **header):
        """The echo reply, with what is named made different. `cut` keeps that many octets of the message."""
        kind = (129 if self.version == 6 else 0) if kind is None else kind
        body = struct.pack("!BBHHH", kind, code, 0, self.id if id is None else id & 0xFFFF,
                           self.seq if seq is None else seq & 0xFFFF) + (self.payload if payload is None else payload)
        source = header.pop("source", self.destination)
        return ip(source, self.source, summed(body[:cut], source, self.source, flip), **header)

    def again(self, id=None, destination=None, **header):
        """The request as a router would quote it had it come with another id or destination, or with options; sums right."""
        to = destination or self.destination
        body = struct.pack("!BBHHH", 128 if self.version == 6 else 8, 0, 0, id or self.id, self.seq) + self.payload
        return ip(self.source, to, summed(body, self.source, to), **header)

    def of_another_process(self):
        return self.again(id=self.id ^ 0x0101)


FIN, SYN, RST, ACK, ECE = 1, 2, 4, 16, 64
LINUX_ANSWER = bytes.fromhex("020405b4" "0402" "01" "030307" "0101")  # MSS 1460, SACK permitted, scale 7
DISGUISE = 0x5A5A5A5A  # turns the sequence number of a SYN into ours: no connection need be remembered


class Segment(Request):
    """A TCP segment; answered by a SYN-ACK unless said otherwise."""
    asks = "tcp"
    checksum_at = 16

    def __init__(self, packet, source, destination, message):
        super().__init__(packet, source, destination)
        self.source_port, self.port, self.seq, self.ack, offset, self.flags, self.window = struct.unpack("!HHIIBBH", message[:16])
        self.options, self.payload = message[20:(offset >> 4) * 4], message[(offset >> 4) * 4:]

    @property
    def is_syn(self):
        return self.flags & (SYN | RST | ACK) == SYN

    @property
    def wants_no_answer(self):
        """A RST, or the ACK or FIN that follows our SYN-ACK."""
        return self.flags & RST or (self.flags & ACK and self.ack == self.our_seq(self.seq - 1) + 1 & 0xFFFFFFFF)

    @staticmethod
    def our_seq(theirs):
        return theirs & 0xFFFFFFFF ^ DISGUISE

    def reply(self, flags=SYN | ACK, seq=None, ack=None, window=64240, options=None, offset=None, port=None, to_port=None,
              cut=None, flip=0, **header):
        """The SYN-ACK of an open port, with what is named made different. `offset` (words) lies when given; `cut` keeps that
        many octets of the segment. Who is asked without SYN answers as an open port would: a RST to an ACK, else nothing."""
        if not self.is_syn and flags == SYN | ACK:
            return self.reset(**header) if self.flags & ACK else b""
        options = (LINUX_ANSWER if flags & SYN else b"") if options is None else options
        options += b"\0" * (-len(options) % 4)
        body = struct.pack("!HHIIBBHHH", self.port if port is None else port, self.source_port if to_port is None else to_port,
                           (self.our_seq(self.seq) if seq is None else seq) & 0xFFFFFFFF,
                           (self.seq + 1 if ack is None else ack) & 0xFFFFFFFF,
                           (5 + len(options) // 4 if offset is None else offset) << 4, flags, window, 0, 0) + options
        source = header.pop("source", self.destination)
        return ip(source, self.source, tcp_summed(body[:cut], source, self.source, flip), protocol=TCP, **header)

    def reset(self, **more):
        """The RST of a closed port. RFC 9293 section 3.10.7.1: with their ACK as sequence number, or acknowledging what came."""
        if self.flags & ACK:
            fields = {"flags": RST, "seq": self.ack, "ack": 0}
        else:
            taken = len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)
            fields = {"flags": RST | ACK, "seq": 0, "ack": self.seq + taken}
        return self.reply(**{"window": 0, **fields, **more})

    def again(self, source_port=None, port=None, seq=None, destination=None, options=None, window=None, **header):
        """The segment as a router would quote it had it come otherwise; sums right."""
        to = destination or self.destination
        options = self.options if options is None else options
        body = struct.pack("!HHIIBBHHH", source_port or self.source_port, port or self.port,
                           (self.seq if seq is None else seq) & 0xFFFFFFFF, self.ack, 5 + len(options) // 4 << 4, self.flags,
                           self.window if window is None else window, 0, 0) + options + self.payload
        return ip(self.source, to, tcp_summed(body, self.source, to), protocol=TCP, **header)

    def of_another_process(self):
        return self.again(source_port=self.source_port ^ 0x0101)


class Datagram(Request):
    """A UDP datagram, to a port that nobody listens on."""
    asks = "udp"

    def __init__(self, packet, source, destination, message):
        super().__init__(packet, source, destination)
        self.source_port, self.port, _, self.checksum = struct.unpack("!HHHH", message[:8])
        self.payload = message[8:]


def request(version, asks="echo"):
    """A well-formed request between two documentation addresses: an echo of ping's usual size, a SYN, or a datagram."""
    words = ("192.0.2.1", "192.0.2.2") if version == 4 else ("2001:db8::1", "2001:db8::2")
    source, destination = map(ipaddress.ip_address, words)
    if asks == "tcp":
        body = struct.pack("!HHIIBBHHH", 40000, 80, 12345, 0, 5 << 4, SYN, 64240, 0, 0)
        return read(ip(source, destination, tcp_summed(body, source, destination), protocol=TCP))
    if asks == "udp":
        return read(ip(source, destination, struct.pack("!HHHH", 40000, 33434, 40, 0) + bytes(32), protocol=UDP))
    body = struct.pack("!BBHHH", 8 if version == 4 else 128, 0, 0, 0x5A5A, 1) + bytes(range(56))
    return read(ip(source, destination, summed(body, source, destination)))
