"""The catalogue of faults: what may come back for an echo request or a SYN, by name. P and H numbers are the project's
fault list; what only TCP can get is in tcp_faults.py.

A script is what one address does: steps parted by `/`, one a request, the last one kept; `good*5/silent*2/good` is an
outage of two. A step is actions joined by `+`, all of them done: `wrong-id+good` answers twice. An action is a name
from CATALOGUE, mostly with an argument: `late=0.5`.
"""
import ipaddress
import struct
from dataclasses import dataclass

from .packets import ICMPV6, TCP, checksum, pseudo_header, request

CATALOGUE = {}


class Bad(Exception):
    """A script that cannot be understood."""


@dataclass(frozen=True)
class Fault:
    case: str       # its numbers in the fault list
    text: str
    default: str    # argument when none is given
    only: int       # IP version it exists in, or 0: both
    asks: str       # "echo", "tcp" or "udp": the only request it can answer; empty: any
    answer: object  # (request, argument, context) -> [packet or (seconds from now, packet, partial checksum?)]

    def fits(self, asked):
        return self.only in (0, asked.version) and self.asks in ("", asked.asks)


def fault(case, text, default=None, only=0, asks=""):
    """Registers the function below it under its own name."""
    def register(function):
        CATALOGUE[function.__name__.strip("_").replace("_", "-")] = Fault(case, text, default, only, asks, function)
        return function
    return register


class Context:
    """What an action may need besides the request: who signs ICMP errors, and what earlier requests left behind."""

    def __init__(self, routers):
        self.routers = routers  # by IP version
        self.held = {}          # (target, id) -> requests a reordering holds

    def router(self, echo):
        return self.routers[echo.version]


def protocol_of(request):
    return TCP if request.asks == "tcp" else ICMPV6  # IPv4 is never asked


# The reply itself

@fault("H11", "the right reply: an echo, the SYN-ACK of an open port")
def good(echo, _, __):
    return [echo.reply()]


@fault("", "nothing")
def silent(*_):
    return []


@fault("P1", "IPv4 total length 10: less than the header")
def total_length_lie_short(echo, _, __):
    return [echo.reply(total=10) if echo.version == 4 else echo.reply(length=4)]


@fault("P1", "IP length 100 more than there is")
def total_length_lie_long(echo, _, __):
    size = len(echo.reply()) - echo.header_size
    return [echo.reply(total=20 + size + 100) if echo.version == 4 else echo.reply(length=size + 100)]


@fault("P2", "a frame that ends inside the IP header")
def short_frame(echo, _, __):
    return [echo.reply()[:16]]


@fault("P3", "IHL 4", only=4)
def ihl_4(echo, _, __):
    return [echo.reply(ihl=4)]


@fault("P4", "a good reply behind 40 octets of options (37 NOP, a one-address record route needs 7)", only=4)
def ihl_15_options(echo, _, __):
    return [echo.reply(options=b"\x07\x07\x08" + echo.destination.packed + b"\x01" * 33)]


@fault("P5", "record route of length 3: no room for an address", only=4)
def rr_option_len3(echo, _, __):
    return [echo.reply(options=b"\x07\x03\x04")]


@fault("P5", "timestamp option of length 4: less than its own header needs", only=4)
def ts_option_len4(echo, _, __):
    return [echo.reply(options=b"\x44\x04\x05\x00")]


@fault("P5", "an option of length 0: who does not look loops for ever", only=4)
def option_len_0(echo, _, __):
    return [echo.reply(options=b"\x07\x00\x04\x00")]


@fault("P5", "an option that ends past the header", only=4)
def option_past_end(echo, _, __):
    return [echo.reply(options=b"\x07\x27\x04\x00")]


@fault("P6 P35 H2", "a wrong ICMP or TCP checksum")
def bad_checksum(echo, _, __):
    return [echo.reply(flip=0x5555)]


@fault("P7", "only the pseudo-header sum, marked so by the device (checksum offload): a good reply")
def partial_checksum(echo, _, __):
    packet, start = echo.reply(), 40 if echo.version == 6 else 20
    at, partial = start + echo.checksum_at, b"\0\0"  # ICMPv4 has no pseudo-header
    if echo.version == 6 or echo.asks == "tcp":
        over = pseudo_header(echo.destination, echo.source, len(packet) - start, protocol_of(echo))
        partial = struct.pack("!H", checksum(over) ^ 0xFFFF)
    return [(0, packet[:at] + partial + packet[at + 2:], True)]


@fault("P8", "echo reply with code N", "1", asks="echo")
def bad_code(echo, code, _):
    return [echo.reply(code=int(code))]


@fault("P9 H7", "the reply's ICMP message or TCP segment cut to N octets", "8")
def truncated(echo, octets, _):
    return [echo.reply(cut=int(octets))]


@fault("P9", "an 8-octet reply, payload gone", asks="echo")
def truncated_8(echo, _, __):
    return [echo.reply(cut=8)]


@fault("P10", "one octet of the payload inverted: N, or the last", "-1", asks="echo")
def wrong_payload(echo, at, _):
    payload = bytearray(echo.payload)
    if payload:
        payload[int(at)] ^= 0xFF
    return [echo.reply(payload=bytes(payload))]


@fault("P11", "N octets more than were sent", "100", asks="echo")
def longer(echo, octets, _):
    return [echo.reply(payload=echo.payload + b"\xEE" * int(octets))]


@fault("P12", "the first 16 octets of the payload (where ping keeps its clock): zero, future or negative", "zero", asks="echo")
def payload_time(echo, which, _):
    times = {"zero": (0, 0), "future": (2**33, 0), "negative": (-2_500_000_000_000_000, 2**40)}
    return [echo.reply(payload=struct.pack("<qq", *times[which])[:len(echo.payload)] + echo.payload[16:])]


@fault("P13", "another identifier", asks="echo")
def wrong_id(echo, _, __):
    return [echo.reply(id=echo.id ^ 0x0101)]


@fault("P14", "right identifier and sequence, every payload octet inverted", asks="echo")
def wrong_cookie(echo, _, __):
    return [echo.reply(payload=bytes(octet ^ 0xFF for octet in echo.payload))]


@fault("P15", "a sequence number N ahead: never sent", "1000", asks="echo")
def future_seq(echo, ahead, _):
    return [echo.reply(seq=echo.seq + int(ahead))]


@fault("P15", "the sequence number before: this payload was not sent with it", asks="echo")
def wrong_seq(echo, _, __):
    return [echo.reply(seq=echo.seq - 1)]


@fault("P16", "the reply and N duplicates", "1")
def dup(echo, copies, _):
    return [echo.reply()] * (1 + int(copies))


@fault("P17", "the reply and 1000 duplicates, over 100 ms")
def dup1000(echo, _, __):
    return [(number / 10_000, echo.reply(), False) for number in range(1001)]


@fault("P18 P38 P39 H22", "the reply SECONDS late", "1")
def late(echo, seconds, _):
    return [(float(seconds), echo.reply(), False)]


@fault("P19", "N requests are held and answered last first, the rest after half a second of quiet", "100")
def reorder(echo, window, context):
    held = context.held.setdefault((echo.destination, echo.id if echo.asks == "echo" else 0), [])
    held.append(echo.reply())
    if len(held) < int(window):
        return []
    out = list(reversed(held))
    held.clear()
    return out


@fault("P20 H12", "the right reply from ADDRESS, or from the router")
def wrong_source(echo, address, context):
    return [echo.reply(source=ipaddress.ip_address(address) if address else context.router(echo))]


@fault("P21", "N neighbours of the target answer too", "10")
def many_sources(echo, count, _):
    return [echo.reply(source=echo.destination + number) for number in range(1 + int(count))]


@fault("P37", "N replies to somebody else first, then nothing of ours", "1000", asks="echo")
def noise(echo, count, _):
    strange = bytes(len(echo.payload))
    return [echo.reply(id=echo.id ^ (1 + number % 0xFFFF), seq=number, payload=strange) for number in range(int(count))]


# Errors about the request

def unreachable(echo, context, code, rest=0, quote=None):
    return [echo.error(context.router(echo), 1 if echo.version == 6 else 3, code, rest, quote)]


@fault("P25", "destination unreachable that quotes nothing")
def du_empty_quote(echo, _, context):
    return unreachable(echo, context, 1, quote=b"")


@fault("P26", "a quote of 28 octets whose IHL says 60")
def du_short_quote_ihl15(echo, _, context):
    return unreachable(echo, context, 1, quote=b"\x4F" + echo.packet[1:28])


@fault("", "a good quote cut to the IP header and 8 octets, the least RFC 792 asks for: none of our payload", only=4)
def du_least_quote(echo, _, context):
    return unreachable(echo, context, 1, quote=echo.packet[:28])


@fault("P27", "a good quote with IP options in it", only=4)
def du_options_quote(echo, _, context):
    return unreachable(echo, context, 1, quote=echo.again(options=b"\x01" * 12))


@fault("P28", "a quote of another process's request")
def du_foreign(echo, _, context):
    return unreachable(echo, context, 1, quote=echo.of_another_process())


@fault("P29", "a quote with our identifier and another destination")
def du_wrong_dst(echo, _, context):
    return unreachable(echo, context, 1, quote=echo.again(destination=echo.destination + 1))


@fault("P30", "redirect to the router (ICMPv4 type 5)", only=4)
def redirect(echo, _, context):
    return [echo.error(context.router(echo), 5, 1, int(context.router(echo)))]


@fault("P31", "filtered: 3/13, or ICMPv6 1/1")
def admin_prohibited(echo, _, context):
    return unreachable(echo, context, 1 if echo.version == 6 else 13)


@fault("P31", "destination unreachable, code N", "1")
def du_code(echo, code, context):
    return unreachable(echo, context, int(code))


@fault("P32", "fragmentation needed, next-hop MTU N", "1400", only=4)
def frag_needed(echo, mtu, context):
    return unreachable(echo, context, 4, int(mtu))


@fault("P33", "source quench (ICMPv4 type 4)", only=4)
def source_quench(echo, _, context):
    return [echo.error(context.router(echo), 4)]


@fault("P33", "parameter problem, pointer N", "20")
def param_problem(echo, pointer, context):
    where = (4, 0, int(pointer)) if echo.version == 6 else (12, 0, int(pointer) << 24)
    return [echo.error(context.router(echo), *where)]


@fault("P33", "an ICMP message of type N about the request", "200")
def _type(echo, kind, context):
    return [echo.error(context.router(echo), int(kind))]


@fault("", "time exceeded, code N", "0")
def ttl_exceeded(echo, code, context):
    return [echo.error(context.router(echo), 3 if echo.version == 6 else 11, int(code))]


# IPv6 only

def behind(echo, extension, first):
    """The good reply with `extension` octets between the IPv6 header and the message."""
    packet = echo.reply()
    size = struct.pack("!H", len(packet) - 40 + len(extension))
    return packet[:4] + size + bytes([first]) + packet[7:40] + extension + packet[40:]


@fault("P34", "the reply behind N destination-options headers", "100", only=6)
def ext_chain(echo, count, _):
    pad = b"\x01\x04\0\0\0\0"  # PadN, RFC 8200 section 4.2
    chain = b"".join(bytes([60 if left else protocol_of(echo), 0]) + pad for left in reversed(range(int(count))))
    return [behind(echo, chain, 60)]


@fault("P34", "a destination-options header that says it is 2048 octets long, and is cut", only=6)
def ext_truncated(echo, _, __):
    return [behind(echo, bytes([protocol_of(echo)]) + b"\xFF\x01\x04\0\0\0\0", 60)]


@fault("P34", "a jumbo payload option (RFC 2675) with payload length zero", only=6)
def jumbo(echo, _, __):
    option = bytes([protocol_of(echo)]) + b"\x00\xC2\x04" + struct.pack("!I", 70_000)
    packet = behind(echo, option, 0)
    return [packet[:4] + b"\0\0" + packet[6:]]


@fault("P36", "packet too big, MTU N", "1000", only=6)
def packet_too_big(echo, mtu, context):
    return [echo.error(context.router(echo), 2, 0, int(mtu))]


class Script:
    """What one address does, request by request."""

    def __init__(self, text):
        self.steps = []
        for step in text.split("/"):
            body, star, times = step.partition("*")
            if star and not times.isdigit():
                raise Bad(f"not a number of times: {step}")
            self.steps += [[self.action(word) for word in body.split("+")]] * (int(times) if star else 1)
        if not self.steps:
            raise Bad(f"an empty script: {text}")
        self.asked = 0

    @staticmethod
    def trial(echo):
        """The context a made-up request is answered in."""
        return Context({echo.version: echo.destination})

    @classmethod
    def action(cls, word):
        """(fault, argument), tried once on a made-up request so that a bad argument is refused here."""
        name, _, argument = word.partition("=")
        if name not in CATALOGUE:
            raise Bad(f"no such fault: {name} (see --list)")
        what = CATALOGUE[name]
        argument = argument or what.default
        try:
            echo = request(what.only or 4, what.asks or "echo")
            what.answer(echo, argument, cls.trial(echo))
        except (ValueError, IndexError, KeyError, struct.error):
            raise Bad(f"{name} cannot take {argument}") from None
        return what, argument

    def answer(self, echo, context):
        """Yields (seconds from now, packet, checksum left to the receiver)."""
        step = self.steps[min(self.asked, len(self.steps) - 1)]
        self.asked += 1
        for what, argument in step:
            if what.fits(echo):
                for each in what.answer(echo, argument, context):
                    yield each if isinstance(each, tuple) else (0, each, False)
