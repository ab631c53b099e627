"""The far side of the TCP benches: a listener in another node of the network that the bench runs in."""
import contextlib
import os
import subprocess
import sys

SERVER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab", "tcp_server.py")


def namespace(node):
    """The namespace of another node of the network that this process lives in."""
    mine = subprocess.run(["ip", "netns", "identify"], capture_output=True, text=True, check=True).stdout.strip()
    return mine.rpartition("-")[0] + "-" + node


def inside(node, *command):
    return ["ip", "netns", "exec", namespace(node), *command]


@contextlib.contextmanager
def listening(node, *words):
    """`words` are tcp_server.py's: PORT=BEHAVIOUR."""
    with subprocess.Popen(inside(node, sys.executable, SERVER, *words), stdout=subprocess.PIPE, text=True) as server:
        server.stdout.readline()
        try:
            yield
        finally:
            server.terminate()
