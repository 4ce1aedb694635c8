"""Processes bound to one core, and what they cost."""

import os
import signal
import subprocess
import time
from pathlib import Path


class Pinned:
    """A process and its descendants on one core, stopped at the end of the run."""

    def __init__(self, name, core, command, directory, environment=None):
        self.name = name
        self.log_path = Path(directory) / f"{name}.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(core), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=directory,
                start_new_session=True,
            )

    def pids(self):
        """The process and all its descendants, as they are now."""
        found, children = [], {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue
                children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
        open_ = [self.process.pid]
        while open_:
            pid = open_.pop()
            found.append(pid)
            open_ += children.get(pid, [])
        return found

    def cpu_seconds(self):
        """User and system time so far, of all threads. In nanoseconds from the scheduler where it tells, else in clock ticks."""
        total = 0.0
        for pid in self.pids():
            try:
                threads = list(Path(f"/proc/{pid}/task").iterdir())
                total += sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
            except (OSError, IndexError):
                try:
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                except OSError:
                    continue
        return total

    def memory(self):
        """Proportional set size in bytes: shared pages count by halves, thirds and so on."""
        total = 0
        for pid in self.pids():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        return total

    def check(self):
        if self.process.poll() is not None:
            raise SystemExit(f"bench: {self.name} ended with {self.process.returncode}\n{self.tail()}")

    def tail(self, lines=30):
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class Meter:
    """CPU seconds and wall seconds of some processes while a block runs."""

    def __init__(self, processes):
        self._processes = processes

    def __enter__(self):
        self._cpu = sum(process.cpu_seconds() for process in self._processes)
        self._wall = time.monotonic()
        return self

    def __exit__(self, *_):
        self.wall = time.monotonic() - self._wall
        self.cpu = sum(process.cpu_seconds() for process in self._processes) - self._cpu
