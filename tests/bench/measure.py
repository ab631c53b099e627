"""Runs whole commands in turn and compares them: wall, CPU, peak memory, medians and ratios.

Absolute times of a shared machine mean little; ratios of commands that ran alternately in one go do."""
import os
import re
import select
import shutil
import statistics
import subprocess
import time


class Run:
    """One finished command: seconds of wall and CPU, its output, its exit status."""

    def __init__(self, wall, cpu, output, status):
        self.wall, self.cpu, self.output, self.status = wall, cpu, output, status


def run(command, timeout=120, keep=True):
    """Starts `command` (a list) without a shell and waits for it; a command that overstays is killed."""
    target = subprocess.PIPE if keep else subprocess.DEVNULL
    began = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + timeout
    chunks = []
    while keep:
        ready, _, _ = select.select([child.stdout], [], [], max(0, deadline - time.monotonic()))
        chunk = os.read(child.stdout.fileno(), 1 << 20) if ready else b""
        chunks.append(chunk)
        if not chunk:
            break
    if time.monotonic() >= deadline:
        child.kill()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, b"".join(chunks).decode("utf-8", "replace"), child.returncode)


def peak(command):
    """Peak resident memory in MB, as GNU time sees it: a child of this process would inherit Python's own peak."""
    finished = subprocess.run(["time", "-f", "peak %M", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    return int(re.findall(r"^peak (\d+)$", finished.stderr, re.MULTILINE)[-1]) / 1024


def available(contestants):
    """Those of the (name, command, ...) rows whose program is installed; says which are not."""
    kept = []
    for row in contestants:
        if shutil.which(row[1][0]):
            kept.append(row)
        else:
            print(f"  ({row[0]}: {row[1][0]} is not installed)")
    return kept


def alternate(contestants, rounds, **options):
    """Runs every contestant once a round, in turn. Returns {name: [Run]}; the first round warms up and is dropped."""
    results = {name: [] for name, *_ in contestants}
    for number in range(rounds + 1):
        for name, command, *_ in contestants:
            finished = run(command, **options)
            if number:
                results[name].append(finished)
    return results


def median(values):
    values = list(values)
    return statistics.median(values) if values else float("nan")


def table(heading, columns, rows):
    """Prints rows of words under a heading, columns aligned."""
    print(f"\n{heading}")
    cells = [columns] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))))


def verdict(claim, holds):
    """One line a goal; returns what it was given, so a script can gather them."""
    print(f"  {'met   ' if holds else 'MISSED'}  {claim}")
    return holds
