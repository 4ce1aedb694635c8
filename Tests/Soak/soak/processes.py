"""The server's processes: what replaces what, and what each of them holds."""

import os
import subprocess
import time
from pathlib import Path

from support.network import wait_until
from support.server import _environment, binary


def resident(pid):
    """Bytes, or 0 for a process that is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Processes:
    def __init__(self, server):
        self.server = server
        #: The oldest first; the last one accepts connections.
        self.all = [server._process]
        #: Per process: what it held when it had all that it was to hold.
        self.first = {}
        #: What each sample said, for the report.
        self.lines = []

    def upgrade(self):
        """Starts a process that takes over from the current one."""
        path = self.server.directory / f"process-{len(self.all)}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                [binary(), "run", "--take-over", "--config", self.server.configuration_path, "--data-dir", self.server.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=_environment(), cwd=self.server.directory,
            )
        drains = '"message":"the process before this one drains"'
        wait_until(lambda: drains in path.read_text(errors="replace"), f"process {len(self.all)} takes over\n{self.server.tail(5)}", 60)
        self.server._process, self.server.log_path = process, path
        self.all.append(process)

    def settle(self):
        """What the last process holds now is what it is held against from here on."""
        pid = self.all[-1].pid
        self.first[pid] = (resident(pid), descriptors(pid))

    def sample(self, what):
        held = [(number, process.pid) for number, process in enumerate(self.all) if process.poll() is None]
        text = "; ".join(f"process {number}: {resident(pid) / 2**20:.0f} MiB, {descriptors(pid)} descriptors" for number, pid in held)
        self.lines.append(f"{what}: {text}")
        return self.lines[-1]

    def growth(self, memory, files):
        """Complaints about processes that hold more than at first: by more bytes than `memory`, or more descriptors than `files`."""
        found = []
        for number, process in enumerate(self.all):
            if process.pid not in self.first or process.poll() is not None:
                continue
            rss, open_files = self.first[process.pid]
            more = resident(process.pid) - rss
            if more > memory:
                found.append(f"process {number} grew by {more / 2**20:.1f} MiB from {rss / 2**20:.1f} MiB")
            if descriptors(process.pid) - open_files > files:
                found.append(f"process {number} went from {open_files} to {descriptors(process.pid)} descriptors")
        return found

    def await_ends(self, seconds):
        """The processes that were replaced end once their last connection has; complaints otherwise."""
        found, deadline = [], time.monotonic() + seconds
        for number, process in enumerate(self.all[:-1]):
            try:
                code = process.wait(max(0.1, deadline - time.monotonic()))
                if code:
                    found.append(f"process {number} ended with {code}")
            except subprocess.TimeoutExpired:
                found.append(f"process {number} did not end")
        return found

    def kill(self):
        """For the case that something went wrong."""
        for process in self.all[:-1]:
            if process.poll() is None:
                process.kill()
                process.wait()
