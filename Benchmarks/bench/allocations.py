"""Memory allocations for each warm request, against the numbers pinned in allocations/pinned.json. Fails where one has grown."""

import argparse
import subprocess
import tempfile
from pathlib import Path

from . import environment, loads
from .counter import Counter
from .environment import tool
from .fleet import Fleet
from .pins import settle

#: Timers, log flushes and TLS records go by time, not by requests, and move the figure by up to 0.2. One more allocation moves it by 1.
TOLERANCE = 0.5
FEW, MANY = 2_000, 12_000

CASES = {"http1": (False, ["--h1"]), "tls": (True, ["--h1"]), "h2": (True, [])}


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
    settle(measured, TOLERANCE, options.pin, "request")


main()
