"""What may come back when somebody asks who has an address: names for the scripts of arp_responder.py. A numbers are the
project's fault list.

A host's hardware address is 00:00:5e:00:53:NN (RFC 9542 section 2.1.1), NN the last octet of its IP address.
"""
import struct
from dataclasses import dataclass
from ipaddress import ip_address

from .faults import Bad
from .neighbors import EVERYONE, OVERRIDE, ROUTER, SOLICITED, example, group_mac, mac

HABITS = {}
STRANGER = mac("00:00:5e:00:53:ee")


@dataclass(frozen=True)
class Habit:
    case: str
    text: str
    default: str
    only: int  # IP version, or 0: both
    answer: object  # (question, argument) -> [frame or (seconds from now, frame)]


def habit(case, text, default=None, only=0):
    """Registers the function below it under its own name."""
    def register(function):
        HABITS[function.__name__.strip("_").replace("_", "-")] = Habit(case, text, default, only, function)
        return function
    return register


class Script:
    """What one address does, question by question: steps by `/`, of actions by `+`, as in faults.py. Hardware addresses are
    written with dots or colons: good=00.00.5e.00.53.99."""

    def __init__(self, text):
        self.steps, self.asked = [], 0
        for step in text.split("/"):
            body, star, times = step.partition("*")
            if star and not times.isdigit():
                raise Bad(f"not a number of times: {step}")
            self.steps += [[self.action(word) for word in body.split("+")]] * (int(times) if star else 1)

    @staticmethod
    def action(word):
        name, equals, argument = word.partition("=")
        if name not in HABITS:
            raise Bad(f"no such habit: {name} (see --list)")
        what = HABITS[name]
        argument = argument if equals else what.default
        try:
            what.answer(example(what.only or 4), argument)
        except (ValueError, IndexError, KeyError, TypeError, struct.error):
            raise Bad(f"{name} cannot take {argument}") from None
        return what, argument

    def answer(self, question):
        """Yields (seconds from now, frame)."""
        step = self.steps[min(self.asked, len(self.steps) - 1)]
        self.asked += 1
        for what, argument in step:
            listens = named(question, argument) if what.answer is good else host(question)
            if what.only in (0, question.version) and (question.to_everyone or question.destination == listens):
                for each in what.answer(question, argument):
                    yield each if isinstance(each, tuple) else (0, each)


def host(question):
    return mac("00:00:5e:00:53:00")[:5] + question.target.packed[-1:]


def named(question, argument):
    """The hardware address an argument gives, or the host's own."""
    return mac(argument.replace(".", ":")) if argument else host(question)


def tags_of(argument, types):
    """`5`, `5.3` (with priority), `5.3,7` (outer, inner): (TPID, TCI) each."""
    tags = []
    for kind, word in zip(types, argument.split(","), strict=True):
        number, _, priority = word.partition(".")
        tags.append((kind, int(priority or 0) << 13 | int(number)))
    return tags


# Who answers, and when

@habit("", "the right answer, of the host or of another: good=MAC")
def good(question, owner):
    return [question.reply(named(question, owner))]


@habit("", "nothing")
def silent(*_):
    return []


@habit("", "the right answer, SECONDS late", "0.3")
def late(question, seconds):
    return [(float(seconds), question.reply(host(question)))]


@habit("A15", "the right answer and N more of the same", "4")
def dup(question, copies):
    return [question.reply(host(question))] * (1 + int(copies))


@habit("", "answers only when asked alone")
def unicast_only(question, _):
    return [] if question.to_everyone else good(question, None)


@habit("", "answers only when everyone is asked")
def broadcast_only(question, _):
    return good(question, None) if question.to_everyone else []


@habit("", "answers only under this tag, and under it", "5")
def only_vlan(question, number):
    inside = question.tags and question.tags[-1][1] & 0xFFF == int(number)
    return good(question, None) if inside else []


@habit("A14", "the right answer, to everyone")
def to_everyone(question, _):
    # Solicited to everyone would be no valid advertisement (RFC 4861 section 7.1.2).
    return [question.reply(host(question), to=EVERYONE if question.version == 4 else group_mac(ip_address("ff02::1")))]


# Asked for by nobody

@habit("A18", "an announcement (ARP request) of the host or of another, at once: announce=MAC")
def announce(question, owner):
    return [question.announcement(named(question, owner))]


@habit("", "the same as an ARP reply", only=4)
def announce_reply(question, owner):
    return [question.announcement(named(question, owner), 2)]


@habit("", "an announcement of the host, SECONDS later", "0.2")
def announce_late(question, seconds):
    return [(float(seconds), question.announcement(host(question)))]


@habit("A18", "N announcements by strangers in a second, then the right answer", "50000")
def storm(question, count):
    count, stranger = int(count), question.announcement(STRANGER)
    return [(number / count, stranger) for number in range(count)] + [(1, question.reply(host(question)))]


@habit("A20", "somebody else's probe: another host wants the address too")
def probe(question, owner):
    return [question.question(named(question, owner) if owner else STRANGER, ip_address("0.0.0.0" if question.version == 4 else "::"))]


@habit("", "a stranger asks for the address too", only=0)
def asked_by_stranger(question, _):
    return [question.question(STRANGER, ip_address("192.0.2.238" if question.version == 4 else "2001:db8::ee"))]


@habit("", "our own question comes back (RFC 7527)")
def loop(question, _):
    return [question.octets]


# Tags, framing, padding

@habit("A16", "the right answer under a tag: ID or ID.PCP", "5")
def tagged(question, tag):
    return [question.reply(host(question), tags=tags_of(tag, (0x8100,)))]


@habit("A16", "the right answer under two tags: OUTER,INNER", "5,7")
def qinq(question, tags):
    return [question.reply(host(question), tags=tags_of(tags, (0x88A8, 0x8100)))]


@habit("A16", "the right answer under VLAN 0, which is only a priority", "3")
def priority(question, number):
    return [question.reply(host(question), tags=[(0x8100, int(number) << 13)])]


@habit("A16", "the right answer without any tag")
def untagged(question, _):
    return [question.reply(host(question), tags=())]


@habit("A16", "the right answer in LLC and SNAP")
def snap(question, _):
    return [question.reply(host(question), framing="snap")]


@habit("A16", "the right answer in LLC with the SAP of ARP", only=4)
def llc(question, _):
    return [question.reply(host(question), framing="llc")]


@habit("A17", "the right answer, padded with anything but zeros")
def junk_padding(question, _):
    return [question.reply(host(question), padding=b"\xe7\x08\x06\x00\x02")]


@habit("A17", "the right answer without padding")
def unpadded(question, _):
    return [question.reply(host(question), padding=b"")]


# ARP that is not to be believed

def arp_fault(name, case, text, **fields):
    HABITS[name] = Habit(case, text, None, 4, lambda question, _: [question.arp(host(question), **fields)])


arp_fault("hlen-255", "A1", "hardware addresses of 255 octets", hlen=255)
arp_fault("plen-16", "A2", "protocol addresses of 16 octets", plen=16)
arp_fault("short", "A3", "a frame of 34 octets", cut=34)
arp_fault("htype-6", "A4", "hardware type 6", htype=6)
arp_fault("ptype-arp", "A5", "protocol type 0x0806", ptype=0x0806)
arp_fault("request", "A7", "a request with the sender of the answer", operation=1)
arp_fault("wrong-sender", "A8", "the answer of the address after it", sender=ip_address("192.0.2.254"))
arp_fault("wrong-target", "A9", "the answer to another asker", target=ip_address("192.0.2.200"))
arp_fault("wrong-target-hardware", "", "the answer, another hardware address in its target", target_hardware=STRANGER)
arp_fault("llc-lie", "A16", "LLC and SNAP, and a type that is not ARP", framing="snap", kind=0x0805)


@habit("A6", "operation N", "9", only=4)
def operation(question, number):
    return [question.arp(host(question), int(number))]


# What holds for both

@habit("A10", "the answer in a frame to another host")
def wrong_destination(question, _):
    return [question.reply(host(question), to=STRANGER)]


@habit("A11", "an owner with this hardware address in a frame of the host", "00.00.00.00.00.00")
def owner(question, hardware):
    return [question.reply(named(question, hardware), frame_from=host(question))]


@habit("A12", "the right answer in a frame of another host", "00.00.5e.00.53.ee")
def frame_from(question, hardware):
    return [question.reply(host(question), frame_from=named(question, hardware))]


# Advertisements

@habit("", "an advertisement with these flags: r, s, o", "", only=6)
def flags(question, letters):
    bits = {"r": ROUTER, "s": SOLICITED, "o": OVERRIDE}
    return [question.advertisement(host(question), sum(bits[letter] for letter in letters))]


def nd_fault(name, text, **fields):
    HABITS[name] = Habit("", text, None, 6, lambda question, _: [question.advertisement(host(question), **fields)])


nd_fault("no-option", "an advertisement without the link-layer address", option=False)
nd_fault("hop-limit-64", "an advertisement from behind a router", hop_limit=64)
nd_fault("bad-checksum", "an advertisement with a wrong checksum", flip=0x5555)
nd_fault("code-1", "an advertisement with code 1", code=1)
nd_fault("solicited-to-all", "a solicited advertisement to everyone", flags=SOLICITED | OVERRIDE, destination=ip_address("ff02::1"))
nd_fault("option-len-0", "an option of length 0", extra=b"\x02\x00\0\0\0\0\0\0")
nd_fault("cut-20", "an advertisement of 20 octets", message_cut=20)
nd_fault("wrong-nd-target", "an advertisement of another target", target=ip_address("2001:db8::fe"))
nd_fault("multicast-target", "an advertisement of a group", target=ip_address("ff02::5"))
nd_fault("wrong-nd-destination", "an advertisement to another IPv6 address of ours", destination=ip_address("2001:db8::c8"))
nd_fault("other-source", "an advertisement from another address of the host", source=ip_address("fe80::200:5eff:fe00:5302"))
