"""One decision over ten criteria: its time, and its memory allocations against the number pinned in allocations/pinned.json."""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

from .counter import Counter
from .environment import ROOT
from .pins import settle

BINARY = ROOT / ".build" / "decision-bench" / "release" / "DecisionBench"
FEW, MANY = 1_000, 101_000
ROUNDS = 5


def main():
    parser = argparse.ArgumentParser(prog="make bench-decision", description=__doc__)
    parser.add_argument("--pin", action="store_true", help="write what was measured into pinned.json")
    options = parser.parse_args()

    def run(count, environment=None):
        done = subprocess.run([BINARY, str(count)], capture_output=True, text=True, check=True, env=os.environ | (environment or {}))
        return float(done.stdout)

    times = sorted(run(1_000_000) for _ in range(ROUNDS))
    print(f"one decision over ten criteria: {times[len(times) // 2]:.0f} ns ({times[0]:.0f}–{times[-1]:.0f}, {ROUNDS} rounds of a million)")
    counts = []
    for count in (FEW, MANY):
        with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
            counter = Counter(Path(directory))
            run(count, counter.environment)
            counts.append(counter.value())
    settle({"decision": round((counts[1] - counts[0]) / (MANY - FEW), 2)}, 0.01, options.pin, "decision")


main()
