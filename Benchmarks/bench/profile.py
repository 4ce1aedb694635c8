"""Where Postern's time goes: perf over a saturated run."""

import re
import subprocess
import threading
import time

from . import loads
from .environment import tool


def run(peer, fields, tls, seconds, directory, http2=False, symbols=40):
    """The `symbols` functions with the most samples of their own, as lines."""
    data = directory / "perf.data"
    pids = ",".join(str(pid) for process in peer.processes(tls) for pid in process.pids())
    kind = loads.http2 if http2 else loads.http1
    load = threading.Thread(target=kind, args=(peer, fields, tls, seconds + 3))
    load.start()
    time.sleep(2.5)
    # The software clock is there in virtual machines too, where hardware counters often are not.
    record = subprocess.run(
        [tool("perf"), "record", "-q", "-e", "cpu-clock", "-F", "1999", "-p", pids, "-o", data, "--", "sleep", str(seconds)], capture_output=True, text=True
    )
    load.join()
    if record.returncode:
        return [f"perf record: {record.stderr.strip()}"]
    report = subprocess.run(
        [tool("perf"), "report", "-i", data, "--stdio", "--no-children", "--percent-limit", "0.3", "--sort", "dso,symbol"], capture_output=True, text=True
    )
    rows = [line.rstrip() for line in report.stdout.splitlines() if re.match(r"\s+\d+\.\d+%", line)][:symbols]
    text = "\n".join(rows)
    try:
        text = subprocess.run(["swift", "demangle", "--compact", "--simplified"], input=text, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pass
    return [line.rstrip()[:170] for line in text.splitlines()]
