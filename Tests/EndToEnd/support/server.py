"""The Postern process under test."""

import os
import re
import shutil
import signal
import ssl
import struct
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from .network import wait_until

ROOT = Path(__file__).resolve().parents[3]

#: Every server that is running, for the log tails of failed tests.
running = []


def binary():
    """POSTERN_BINARY, or the newest build of this repository."""
    if named := os.environ.get("POSTERN_BINARY"):
        return Path(named).resolve()
    built = [path for kind in ("debug", "release") if (path := ROOT / ".build" / kind / "postern").exists()]
    if not built:
        raise AssertionError("no binary: build the product or set POSTERN_BINARY")
    return max(built, key=lambda path: path.stat().st_mtime)


def run_cli(*arguments, stdin="", timeout=60):
    """Runs `postern` with arguments to its end."""
    return subprocess.run(
        [binary(), *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=timeout, env=_environment()
    )


def _environment(**extra):
    """The environment without settings of the caller: every upper-cased key would be a setting of the server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | extra


class Clock:
    """A wall clock that a test moves: a preloaded library adds an offset, and leaves the monotonic clock alone."""

    def __init__(self, directory):
        self._library = directory / "clock_shim.so"
        self._file = directory / "clock"
        self.set(0)
        source = Path(__file__).with_name("clock_shim.c")
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(source)], check=True)

    def set(self, seconds):
        """Moves the clock to an offset from now."""
        with open(self._file, "r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))

    def environment(self):
        return {"LD_PRELOAD": str(self._library), "POSTERN_TEST_CLOCK": str(self._file)}


class PosternServer:
    """One data directory and one configuration, started and restarted.

    `output` is what the last start printed on standard output, `log` everything since the first.
    """

    def __init__(self, directory, configuration, clock=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.configuration = configuration
        self.data = self.directory / "data"
        self.log_path = self.directory / "postern.log"
        self.clock = clock
        self.first_output = None
        self._process = None
        self._start_offset = 0
        self.write_configuration()

    @property
    def ca(self):
        return self.data / "local-ca.pem"

    @property
    def pid(self):
        return self._process.pid

    @property
    def port(self):
        return self.configuration.port

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def output(self):
        """What was printed since the last start."""
        return self.log[self._start_offset :]

    def write_configuration(self):
        self.configuration_path = self.directory / "config.yaml"
        self.configuration_path.write_text(self.configuration.text())

    def start(self):
        self._start_offset = len(self.log)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [binary(), "run", "--config", self.configuration_path, "--data-dir", self.data],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(**(self.clock.environment() if self.clock else {})),
                cwd=self.directory,
            )
        running.append(self)
        wait_until(self._is_ready, f"postern answers\n{self.tail()}", seconds=60)
        if self.first_output is None:
            wait_until(lambda: "password:" in self.output or "idp_provider" in self.configuration.text(), "the first user is printed", 5)
            self.first_output = self.output
        return self

    def stop(self, kill=False):
        """Ends the process: asks first, or kills at once as a power failure would."""
        if self._process is None:
            return
        if self in running:
            running.remove(self)
        process, self._process = self._process, None
        process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"postern did not end within 20 s of SIGTERM\n{self.tail()}")
        if not kill:
            assert code in (0, -signal.SIGTERM), f"postern ended with {code}\n{self.tail()}"

    def restart(self, kill=False):
        self.stop(kill)
        return self.start()

    def close(self):
        try:
            self.stop()
        finally:
            if not os.environ.get("POSTERN_KEEP"):
                shutil.rmtree(self.directory, ignore_errors=True)

    def tail(self, lines=80):
        return "\n".join(self.log.splitlines()[-lines:])

    def first_user(self):
        """The email and password printed at the first start."""
        found = [re.search(rf"^\s*{name}:\s*(\S+)\s*$", self.first_output, re.MULTILINE | re.IGNORECASE) for name in ("user", "password")]
        assert all(found), f"no credentials in\n{self.first_output}"
        return tuple(match.group(1) for match in found)

    def users(self, *arguments, stdin=""):
        """`postern users …` on this server's data directory."""
        return run_cli("users", *arguments, "--data-dir", self.data, stdin=stdin)

    def memory(self, field="VmRSS"):
        """A memory figure of the process in bytes: VmRSS now, VmHWM at its highest."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {field}")

    def _is_ready(self):
        if self._process.poll() is not None:
            raise AssertionError(f"postern ended with {self._process.returncode}\n{self.tail()}")
        is_insecure = self.configuration.settings.get("insecure_server")
        if not is_insecure and not self.ca.exists():
            return False
        try:
            context = None if is_insecure else ssl.create_default_context(cafile=str(self.ca))
            url = f"{'http' if is_insecure else 'https'}://authenticate.localhost:{self.port}/ping"
            with urllib.request.urlopen(url, context=context, timeout=2) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False
