"""What one probe costs from start to exit, and what --version costs, beside ping and fping.

usage: oneshot.py BIN_DIR [ROUNDS]     (inside the near namespace of pair.topo)"""
import sys

import measure


def compare(heading, contestants, rounds):
    entrants = measure.available(contestants)
    results = measure.alternate(entrants, rounds, keep=False)
    reference = results["ping"]
    rows, ratios, peaks = [], {}, {}
    for name, command in entrants:
        runs = results[name]
        walls = [a.wall / b.wall for a, b in zip(runs, reference)]
        peaks[name] = measure.median(measure.peak(command) for _ in range(5))
        ratios[name] = (measure.median(walls), measure.median(a.cpu / b.cpu for a, b in zip(runs, reference)))
        rows.append([name, f"{measure.median(r.wall for r in runs) * 1e3:.2f}", f"{measure.median(r.cpu for r in runs) * 1e3:.2f}",
                     f"{peaks[name]:.1f}", f"{ratios[name][0]:.2f}", f"{ratios[name][1]:.2f}"])
    measure.table(f"{heading}, median of {rounds}, taken in turn", ["tool", "wall ms", "CPU ms", "RSS MB", "wall / ping", "CPU / ping"], rows)
    wall, cpu = ratios["diag-ping"]
    memory = peaks["diag-ping"] / peaks["ping"]
    return measure.verdict(f"wall {wall:.2f}, CPU {cpu:.2f}, memory {memory:.2f}: at most 1.3 x ping", max(wall, cpu, memory) <= 1.3)


def main():
    binaries = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    ours = f"{binaries}/diag-ping"
    goals = [
        compare("one probe to a neighbour", [("diag-ping", [ours, "-c", "1", "192.0.2.2"]), ("ping", ["ping", "-c", "1", "192.0.2.2"]),
                                             ("fping", ["fping", "-c", "1", "192.0.2.2"]), ("true", ["/bin/true"])], rounds),
        compare("--version", [("diag-ping", [ours, "--version"]), ("ping", ["ping", "-V"]), ("true", ["/bin/true"])], rounds),
    ]
    return 0 if all(goals) else 1


sys.exit(main())
