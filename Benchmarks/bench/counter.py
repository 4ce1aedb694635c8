"""Counts the allocations of a process by a preloaded library."""

import shutil
import struct
import subprocess

from .environment import ROOT


class Counter:
    """Counts into a file of its own."""

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
