"""Builds a described network: one namespace a node, veth pairs or delay wires between them."""
import os
import subprocess
import sys
import time

from .description import Link, Node
from .run import Failed

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))

# The lab is quiet and ready at once: no duplicate address detection, no router solicitations, no reverse path filter.
QUIET = {"net/ipv6/conf/all/accept_dad": 0, "net/ipv6/conf/default/accept_dad": 0,
         "net/ipv6/conf/default/dad_transmits": 0, "net/ipv6/conf/default/accept_ra": 0, "net/ipv6/conf/default/router_solicitations": 0,
         "net/ipv4/conf/all/rp_filter": 0, "net/ipv4/conf/default/rp_filter": 0}
FORWARDING = {"net/ipv4/ip_forward": 1, "net/ipv6/conf/all/forwarding": 1}


def tool(*words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False,
                          stdin=None if text is not None else subprocess.DEVNULL)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        shown = " ".join(words).splitlines()[0]
        raise Failed(f"{shown}: {said[0] if said else f'status {done.returncode}'}")


def delay_wire():
    for path in (os.environ.get("DIAG_WIRE"), f"{ROOT}/build/dev/bin/delay_wire"):
        if path and os.access(path, os.X_OK):
            return path
    raise Failed("the delay wire is neither built (cmake --preset dev && cmake --build --preset dev) nor named in "
                 "DIAG_WIRE")


class Builder:
    def __init__(self, run):
        self.run = run
        self.kinds = {}
        self.helpers = 0
        self.speaking_ipv6 = []

    def build(self, description):
        """Raises Failed with the place in the description; the caller removes the run."""
        for number, statement in description.statements:
            try:
                if isinstance(statement, Node):
                    self.node(statement)
                elif isinstance(statement, Link):
                    self.link(statement)
                else:
                    getattr(self, "set_" + statement.verb)(statement.node, *statement.words)
            except (Failed, OSError) as error:
                raise Failed(f"{description.path}:{number}: {error}") from None
        self.await_ipv6()

    def await_ipv6(self, patience=5):
        """The kernel looks at links that have come up once a second, and only then joins the groups that neighbor discovery
        needs; the link-local address appears with them. IPv4 does not wait for it."""
        give_up_at = time.monotonic() + patience
        for node, interface in self.speaking_ipv6:
            shown = ["ip", "-n", self.run.namespace(node), "-6", "-oneline", "address", "show", "dev", interface, "scope", "link"]
            while not subprocess.run(shown, capture_output=True, text=True, check=False).stdout.strip():
                if time.monotonic() > give_up_at:
                    raise Failed(f"{interface} of {node} does not come up for IPv6")
                time.sleep(0.01)

    def ip(self, node, *words):
        tool("ip", "-n", self.run.namespace(node), *words)

    def write_sysctls(self, node, values):
        """Through a shell in the namespace: /proc/sys/net shows the namespace of the process that opens it."""
        script = "".join(f"printf %s '{value}' > /proc/sys/{key} || exit 1\n" for key, value in values.items())
        tool("ip", "netns", "exec", self.run.namespace(node), "sh", "-c", script)

    def node(self, node):
        self.kinds[node.name] = node.kind
        tool("ip", "netns", "add", self.run.namespace(node.name))
        ipv6 = os.path.isdir("/proc/sys/net/ipv6")
        values = QUIET | (FORWARDING if node.kind == "router" else {})
        self.write_sysctls(node.name, {key: value for key, value in values.items() if ipv6 or "ipv6" not in key})
        self.ip(node.name, "link", "set", "lo", "up")
        if node.kind == "switch":
            self.ip(node.name, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
            self.ip(node.name, "link", "set", "br0", "up")

    def link(self, link):
        a, b = link.ends
        if link.wire is None:
            tool("ip", "link", "add", a.interface, "netns", self.run.namespace(a.node), "type", "veth",
                 "peer", "name", b.interface, "netns", self.run.namespace(b.node))
        else:
            self.helpers += 1
            self.run.spawn([delay_wire(), *(f"--{side}={self.run.namespace(end.node)}:{end.interface}"
                                            for side, end in (("a", a), ("b", b))), *link.wire], f"wire-{self.helpers}")
        for end in link.ends:
            if link.mtu:
                self.ip(end.node, "link", "set", end.interface, "mtu", link.mtu)
            if self.kinds[end.node] == "switch":
                self.ip(end.node, "link", "set", end.interface, "master", "br0")
            self.set_address(end.node, end.interface, *end.addresses)
            if any(":" in address for address in end.addresses):
                self.speaking_ipv6.append((end.node, end.interface))
            # A burst must be lost where the description says, not in the default queue of 1000 frames before it.
            self.ip(end.node, "link", "set", end.interface, "txqueuelen", "10000", "up")

    def set_address(self, node, interface, *addresses):
        for address in addresses:
            self.ip(node, "address", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))

    def set_device(self, node, name, kind):
        self.ip(node, "tuntap", "add", "dev", name, "mode", kind)

    def set_set(self, node, interface, *words):
        self.ip(node, "link", "set", "dev", interface, *words)

    def set_route(self, node, *words):
        self.ip(node, *(["-6"] if any(":" in word for word in words) else []), "route", "add", *words)

    def set_anyip(self, node, prefix):
        self.set_route(node, "local", prefix, "dev", "lo")

    def set_nft(self, node, rules):
        tool("ip", "netns", "exec", self.run.namespace(node), "nft", "-f", "-", text=rules + "\n")

    def set_sysctl(self, node, *settings):
        pairs = (setting.split("=", 1) for setting in settings)
        self.write_sysctls(node, {key.replace(".", "/"): value.replace("'", "") for key, value in pairs})

    def set_faults(self, node, *words):
        self.helpers += 1
        self.run.spawn(["ip", "netns", "exec", self.run.namespace(node), sys.executable, f"{HERE}/fault_echo.py",
                        f"--owner={self.run.owner}", *words], f"faults-{self.helpers}")
