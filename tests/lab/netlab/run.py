"""One run of the lab: its name prefix, its owner, what it started, and how all of it goes away.

A run belongs to a process, its owner (a test script, an interactive shell). Everything it makes is called dg<pid>-...,
and what must be remembered lies in /run/diag-lab/dg<pid>-/. A keeper process waits for the owner's end, so that a run
is removed even when its owner was killed outright; what survives that too (somebody ended the keeper first) is swept
by the next run, and only when its owner is gone.
"""
import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import subprocess
import sys

STATE = "/run/diag-lab"
NETNS = "/run/netns"


class Failed(Exception):
    """A step of building the network did not work; the text is for the user."""


def start_time(pid):
    """Clock ticks from boot to the process's start (proc(5), stat field 22): with the pid it names one process ever."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def end_processes(pids):
    """SIGTERM, a second of grace, SIGKILL. Held by pidfd, so a recycled pid is never hit."""
    held = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            held[os.pidfd_open(pid)] = pid
    for number, patience in ((signal.SIGTERM, 1000), (signal.SIGKILL, 1000)):
        waiter = select.poll()
        for fd in held:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(fd, number)
            waiter.register(fd, select.POLLIN)
        while held:
            ended = waiter.poll(patience)
            if not ended:
                break
            for fd, _ in ended:
                waiter.unregister(fd)
                os.close(fd)
                del held[fd]


class Run:
    def __init__(self, owner):
        self.owner = owner
        self.prefix = f"dg{owner}-"
        self.state = f"{STATE}/{self.prefix}"
        self.lock = None

    def path(self, name):
        return f"{self.state}/{name}"

    def namespace(self, node):
        return self.prefix + node

    def namespaces(self):
        names = os.listdir(NETNS) if os.path.isdir(NETNS) else []
        return sorted(name for name in names if name.startswith(self.prefix))

    def exists(self):
        return os.path.isdir(self.state) or bool(self.namespaces())

    def abandoned(self):
        """The owner is gone, or its pid now belongs to a younger process."""
        began = start_time(self.owner)
        with contextlib.suppress(OSError), open(self.path("owner"), encoding="ascii") as file:
            return began != file.read()
        return began is None

    def claim(self):
        if self.exists():
            raise Failed(f"process {self.owner} already has a network up; take it down first")
        began = start_time(self.owner)
        if began is None:
            raise Failed(f"the owner, process {self.owner}, is gone")
        os.makedirs(self.state)
        with open(self.path("owner"), "w", encoding="ascii") as file:
            file.write(began)

    @contextlib.contextmanager
    def locked(self):
        """Building and removing exclude each other: the keeper must not remove half of what is still being made."""
        try:
            self.lock = os.open(self.state, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            yield
            return
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(self.lock)

    def remember(self, pid, kind):
        with open(self.path("started"), "a", encoding="ascii") as file:
            file.write(f"{pid} {start_time(pid)} {kind}\n")

    def started(self, kinds):
        """Pids of what this run started in the background and that still runs."""
        with contextlib.suppress(OSError), open(self.path("started"), encoding="ascii") as file:
            rows = [line.split() for line in file]
            return [int(pid) for pid, began, kind in rows if kind in kinds and start_time(pid) == began]
        return []

    def spawn(self, words, name, **more):
        """Starts a helper that says when it is ready (one newline on --ready-fd) and logs to the state directory."""
        ours, theirs = os.pipe()
        with open(self.path(name + ".log"), "ab") as log:
            child = subprocess.Popen([*words, f"--ready-fd={theirs}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     pass_fds=(theirs,), start_new_session=True, **more)
        self.remember(child.pid, name.partition("-")[0])
        os.close(theirs)
        ready = os.read(ours, 1)
        os.close(ours)
        if not ready:
            child.wait()
            with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as log:
                raise Failed((log.readline().strip() or f"{words[0]} ended with status {child.returncode}"))

    def keep(self):
        """Starts the keeper: removes the run when its owner ends."""
        with contextlib.suppress(ProcessLookupError):
            owner = os.pidfd_open(self.owner)
            pid = os.fork()
            if pid:
                self.remember(pid, "keeper")
                os.close(owner)
                return
            os.setsid()
            os.close(self.lock)  # a lock belongs to the open file, which the fork shares with us
            nothing = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nothing, fd)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.chdir("/")
            select.select([owner], [], [])
            self.remove(keeper=True)
            os._exit(0)

    def remove(self, keeper=False):
        """Ends what the run started and whatever lives in its namespaces, then removes them. Can be called again."""
        with self.locked():
            inside = set(self.started(("wire", "faults") + (() if keeper else ("keeper",))))
            for name in self.namespaces():
                found = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
                inside |= {int(pid) for pid in found.stdout.split()}
            end_processes(inside - {os.getpid(), self.owner})
            for name in self.namespaces():
                subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)
            shutil.rmtree(self.state, ignore_errors=True)


def sweep():
    """Removes the runs whose owners are gone."""
    names = [*(os.listdir(NETNS) if os.path.isdir(NETNS) else []), *(os.listdir(STATE) if os.path.isdir(STATE) else [])]
    owners = {int(found[1]) for name in names if (found := re.match(r"dg([0-9]+)-", name))}
    for run in map(Run, sorted(owners)):
        if run.abandoned():
            print(f"lab: removing what process {run.owner}, which is gone, left behind", file=sys.stderr)
            run.remove()
