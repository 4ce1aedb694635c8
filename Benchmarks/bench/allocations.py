"""Memory allocations for each warm request, against the numbers pinned in allocations/pinned.json. Fails where one has grown."""

import argparse
import json
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from . import environment, loads
from .environment import ROOT, tool
from .fleet import Fleet

PINS = ROOT / "Benchmarks" / "allocations" / "pinned.json"
#: Timers, log flushes and TLS records go by time, not by requests, and move the figure by up to 0.2. One more allocation moves it by 1.
TOLERANCE = 0.5
FEW, MANY = 2_000, 12_000

CASES = {"http1": (False, ["--h1"]), "tls": (True, ["--h1"]), "h2": (True, [])}


class Counter:
    """A preloaded library that counts into a file."""

    def __init__(self, directory):
        self._library, self._file = directory / "counter.so", directory / "count"
        source = ROOT / "Benchmarks" / "allocations" / "counter.c"
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", self._library, source], check=True)
        self._file.write_bytes(bytes(8))

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self._library), "POSTERN_ALLOCATION_COUNTER": str(self._file)}

    def value(self):
        return struct.unpack("=Q", self._file.read_bytes())[0]


def measure(peer, fields, counter, tls, arguments):
    """The slope between a short and a long keep-alive connection, so that connections cost nothing; the least of three tries."""

    def spent(requests):
        before = counter.value()
        command = [tool("h2load"), "-c1", "-m1", f"-n{requests}", *arguments, *loads.arguments(fields, h2load=True), loads.url(peer, tls, loads.SMALL)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert loads.counted(done.stdout) == requests, done.stdout
        return counter.value() - before

    spent(FEW)
    return min((spent(MANY) - spent(FEW)) / (MANY - FEW) for _ in range(3))


def main():
    parser = argparse.ArgumentParser(prog="make bench-allocations", description=__doc__)
    parser.add_argument("--pin", action="store_true", help="write what was measured into pinned.json")
    options = parser.parse_args()
    pins = json.loads(PINS.read_text()) if PINS.exists() else {}
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
        fleet = Fleet(Path(directory), [], environment.raise_file_limit())
        measured = {}
        try:
            for case, (tls, arguments) in CASES.items():
                counter = Counter(Path(tempfile.mkdtemp(dir=directory)))
                peer = fleet.start("postern", counter.environment)
                if case == "h2" and not loads.speaks_http2(peer):
                    print(f"{case:<6} not measured: does not negotiate h2")
                else:
                    measured[case] = round(measure(peer, fleet.fields(), counter, tls, arguments), 2)
                fleet.stop(peer)
        finally:
            fleet.close()
    grown = []
    for case, value in measured.items():
        pin = pins.get(case)
        print(f"{case:<6} {value:7.2f} allocations/request, pinned {pin if pin is not None else 'nowhere'}")
        if pin is None or value > pin + TOLERANCE:
            grown.append(case)
        elif value < pin - TOLERANCE:
            print(f"{case:<6} needs less than is pinned: make bench-allocations ARGS=--pin")
    if options.pin:
        PINS.write_text(json.dumps(pins | measured, indent=2) + "\n")
    elif grown:
        raise SystemExit(f"allocations: grown: {', '.join(grown)}")


main()
