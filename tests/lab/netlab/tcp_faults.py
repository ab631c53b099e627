"""What only a TCP segment can get: answers of RFC 9293, believable or not. H numbers are the project's fault list."""
import struct

from .faults import fault, unreachable
from .packets import ACK, ECE, FIN, RST, SYN


def tcp(case, text, default=None):
    return fault(case, text, default, asks="tcp")


# A port that answers

@tcp("H11", "the RST of a closed port")
def closed(segment, _, __):
    return [segment.reset()]


@tcp("", "the SYN-ACK with TTL or hop limit N", "57")
def good_ttl(segment, ttl, _):
    return [segment.reply(ttl=int(ttl))]


@tcp("", "the RST of a closed port with TTL or hop limit N", "57")
def closed_ttl(segment, ttl, _):
    return [segment.reset(ttl=int(ttl))]


@tcp("H21", "the SYN-ACK, and a RST SECONDS later", "0.05")
def then_closed(segment, seconds, _):
    return [segment.reply(), (float(seconds), segment.reset(), False)]


@tcp("H21", "a RST, and the SYN-ACK SECONDS later", "0.05")
def then_good(segment, seconds, _):
    return [segment.reset(), (float(seconds), segment.reply(), False)]


@tcp("", "the RST, SECONDS late", "1")
def closed_late(segment, seconds, _):
    return [(float(seconds), segment.reset(), False)]


# Segments that must not be believed

@tcp("H1", "a SYN-ACK whose acknowledgment is N too much", "1000")
def wrong_ack(segment, more, _):
    return [segment.reply(ack=segment.seq + 1 + int(more))]


@tcp("H3", "SYN, ACK and RST together")
def syn_ack_rst(segment, _, __):
    return [segment.reply(flags=SYN | ACK | RST)]


@tcp("", "SYN, ACK and FIN together")
def syn_ack_fin(segment, _, __):
    return [segment.reply(flags=SYN | ACK | FIN)]


@tcp("H4 H25", "a SYN without ACK: a simultaneous open")
def bare_syn(segment, _, __):
    return [segment.reply(flags=SYN, ack=0)]


@tcp("H5", "an ACK alone, of the right number")
def bare_ack(segment, _, __):
    return [segment.reply(flags=ACK, options=b"")]


@tcp("", "a challenge ACK: of another number (RFC 5961 section 4)")
def challenge_ack(segment, _, __):
    return [segment.reply(flags=ACK, options=b"", ack=segment.seq - 5000)]


@tcp("", "no flag at all")
def no_flags(segment, _, __):
    return [segment.reply(flags=0, options=b"")]


@tcp("H6", "a SYN-ACK whose data offset is N words", "4")
def data_offset(segment, words, _):
    return [segment.reply(offset=int(words))]


@tcp("H8", "a RST whose acknowledgment is N too much", "1000")
def reset_wrong_ack(segment, more, _):
    return [segment.reset(ack=segment.seq + 1 + int(more))]


@tcp("", "a RST whose sequence number is N too much: wrong where an ACK was answered", "1000")
def reset_wrong_seq(segment, more, _):
    return [segment.reset(seq=(segment.ack if segment.flags & ACK else 0) + int(more))]


@tcp("H9", "a RST without ACK")
def reset_no_ack(segment, _, __):
    return [segment.reset(flags=RST)]


@tcp("H10", "a RST with a wrong checksum")
def reset_bad_checksum(segment, _, __):
    return [segment.reset(flip=0x5555)]


@tcp("H12", "the RST, from the router")
def reset_wrong_source(segment, _, context):
    return [segment.reset(source=context.router(segment))]


@tcp("H13", "the SYN-ACK from the port after")
def wrong_port(segment, _, __):
    return [segment.reply(port=segment.port + 1 & 0xFFFF)]


@tcp("H13", "the RST from the port after")
def reset_wrong_port(segment, _, __):
    return [segment.reset(port=segment.port + 1 & 0xFFFF)]


@tcp("H13", "the SYN-ACK to the port before ours")
def to_wrong_port(segment, _, __):
    return [segment.reply(to_port=segment.source_port - 1 & 0xFFFF)]


@tcp("H35", "a SYN-ACK for the initial sequence number of somebody long gone")
def stale(segment, _, __):
    return [segment.reply(ack=(segment.seq ^ 0x00FF00FF) + 1)]


@tcp("", "N SYN-ACKs and RSTs of other numbers", "1000")
def tcp_noise(segment, count, _):
    answers = (segment.reply, segment.reset)
    return [answers[number % 2](ack=segment.seq + 1 + 7919 * number) for number in range(1, int(count) + 1)]


# SYN-ACKs that are odd and good

@tcp("H14", "a SYN-ACK with a last option of length N: 0, 1, or past the end", "0")
def tcp_option_len(segment, length, _):
    return [segment.reply(options=b"\x02\x04\x05\xB4\x01\x01\x08" + bytes([int(length)]))]


@tcp("H14", "a SYN-ACK with the options HEX", "")
def tcp_options(segment, octets, _):
    return [segment.reply(options=bytes.fromhex(octets or ""))]


@tcp("H14", "a SYN-ACK with no option at all")
def tcp_bare(segment, _, __):
    return [segment.reply(options=b"")]


@tcp("H23", "the SYN-ACK of a SYN cookie or proxy: an MSS and nothing else")
def cookie(segment, _, __):
    return [segment.reply(options=b"\x02\x04\x05\xB4")]


@tcp("H23", "window N", "0")
def window(segment, octets, _):
    return [segment.reply(window=int(octets))]


@tcp("H23", "MSS N", "0")
def mss(segment, octets, _):
    return [segment.reply(options=struct.pack("!BBH", 2, 4, int(octets)) + b"\x04\x02\x01\x03\x03\x07")]


@tcp("H23", "a Fast Open cookie of N octets (RFC 7413)", "8")
def fast_open(segment, octets, _):
    return [segment.reply(options=b"\x02\x04\x05\xB4\x04\x02\x22" + bytes([2 + int(octets)]) + b"\xC0" * int(octets))]


@tcp("", "the SYN-ACK with ECE: ECN is agreed (RFC 3168 section 6.1.1)")
def ecn(segment, _, __):
    return [segment.reply(flags=SYN | ACK | ECE)]


# ICMP errors about the segment

@tcp("H15", "an unreachable that quotes another sequence number")
def du_wrong_seq(segment, _, context):
    return unreachable(segment, context, 1, quote=segment.again(seq=segment.seq + 1000))


@tcp("H15", "an unreachable that quotes another port of the target")
def du_wrong_port(segment, _, context):
    return unreachable(segment, context, 1, quote=segment.again(port=segment.port + 1))


@tcp("", "an unreachable whose quote has TTL or hop limit N", "1")
def du_quoted_ttl(segment, ttl, context):
    return unreachable(segment, context, 1, quote=segment.again(ttl=int(ttl)))


@tcp("", "an unreachable whose quote shows the MSS clamped to N and all other options gone", "1200")
def du_clamped(segment, octets, context):
    options = struct.pack("!BBH", 2, 4, int(octets)).ljust(len(segment.options), b"\x01")
    return unreachable(segment, context, 1, quote=segment.again(options=options))


@tcp("", "an unreachable whose quote has another window", "1")
def du_window(segment, octets, context):
    return unreachable(segment, context, 1, quote=segment.again(window=int(octets)))
