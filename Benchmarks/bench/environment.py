"""Where things are, which core does what, and what this run ran on."""

import os
import platform
import resource
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "Benchmarks" / "results"
BINARY = Path(os.environ.get("POSTERN_BINARY") or ROOT / ".build" / "release" / "postern").resolve()

# The end-to-end suite knows how to start Postern and how to sign in.
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

_cores = sorted(os.sched_getaffinity(0))
#: Everything that answers in place of Postern runs on one core, everything that asks or serves behind it on another.
PROXY_CORE, LOAD_CORE = _cores[0], _cores[-1]


def tool(name):
    """A program of this run's environment or of the system, administrators' directories included."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    found = shutil.which(name, path=path)
    if not found:
        raise SystemExit(f"bench: there is no {name}; Scripts/setup.sh bench installs it")
    return found


def raise_file_limit():
    """Every process of the run inherits as many open files as may be had. Returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 20


def _first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return next((line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()), "?")


def description():
    """What was measured on what, for the head of the report."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    revision = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip() or "?"
    versions = {
        "postern": revision,
        "nginx": _first_line(tool("nginx"), "-v").removeprefix("nginx version: "),
        "haproxy": _first_line(tool("haproxy"), "-v"),
        "envoy": _first_line(tool("envoy"), "--version").split("version:")[-1].strip(),
        "wrk": _first_line(tool("wrk"), "-v").split(" Copyright")[0],
        "h2load": _first_line(tool("h2load"), "--version"),
    }
    cores = "one core for proxy and load together: figures mean little" if PROXY_CORE == LOAD_CORE else f"core {PROXY_CORE} proxy, core {LOAD_CORE} load and upstream"
    load = " ".join(Path("/proc/loadavg").read_text().split()[:3])
    return [f"{model}, {os.cpu_count()} cores, Linux {platform.release()}; {cores}; load average before: {load}"] + [
        f"{name}: {version}" for name, version in versions.items()
    ]
