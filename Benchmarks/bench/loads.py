"""One measurement each: a load program against one peer, and what the peer's processes spent on it."""

import re
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

from .environment import LOAD_CORE, tool
from .materials import HOST, LARGE, LARGE_BYTES, SMALL
from .processes import Meter

CONNECTIONS = 64
RATE = 1000

# wrk counts 3xx as success and prints rounded figures: the bytes tell whether every answer was the right one.
_SUMMARY = """
done = function(summary)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d\\n", summary.requests, summary.bytes, e.status, e.connect + e.read + e.write + e.timeout))
end
"""


class Failed(Exception):
    """A peer did not answer as it should; the figures would mean nothing."""


def url(peer, tls, path):
    return f"{'https' if tls else 'http'}://{HOST}:{peer.port(tls)}{path}"


def arguments(fields, h2load=False):
    names = {name: (":authority" if name == "Host" else name.lower()) if h2load else name for name, _ in fields}
    return [part for name, value in fields for part in ("-H", f"{names[name]}: {value}")]


def _run(command, seconds):
    done = subprocess.run(["taskset", "-c", str(LOAD_CORE), *map(str, command)], capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise Failed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def probe(peer, fields, tls):
    """One request by hand: the status and the length of the answer's body."""
    with socket.create_connection(("127.0.0.1", peer.port(tls)), 10) as connection:
        if tls:
            connection = _context().wrap_socket(connection, server_hostname=HOST)
        lines = [f"GET {SMALL} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "Connection: close"]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while block := connection.recv(65536):
            answer += block
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or len(body) < 1024:
        raise Failed(f"{peer.name} answers {head[:200].decode('latin-1')!r}")


def speaks_http2(peer):
    """Whether ALPN chooses h2."""
    context = _context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", peer.tls_port), 10) as plain, context.wrap_socket(plain, server_hostname=HOST) as connection:
        return connection.selected_alpn_protocol() == "h2"


def _context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _wrk(peer, fields, tls, seconds, path, connections, length):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SUMMARY)
        script.flush()
        command = [tool("wrk"), "-t1", f"-c{connections}", "--timeout", "30s", *arguments(fields), "-s", script.name]
        _run([*command, "-d1s", url(peer, tls, path)], 1)
        with Meter(peer.processes(tls)) as meter:
            output = _run([*command, f"-d{seconds}s", url(peer, tls, path)], seconds)
    requests, received, bad, broken = map(int, re.search(r"^RESULT (\d+) (\d+) (\d+) (\d+)$", output, re.MULTILINE).groups())
    if bad or broken or not received or (length < 65536 and received < requests * length):
        raise Failed(f"{requests} requests, {received} bytes, {bad} bad answers, {broken} broken connections")
    return requests, received, meter


def _saturated(requests, meter, seconds):
    return {"cpu_us": meter.cpu / requests * 1e6, "per_second": requests / seconds, "busy": meter.cpu / meter.wall}


def http1(peer, fields, tls, seconds):
    """64 connections that ask one after the other."""
    requests, _, meter = _wrk(peer, fields, tls, seconds, SMALL, CONNECTIONS, 1024)
    return _saturated(requests, meter, seconds)


def http2(peer, fields, tls, seconds):
    """8 connections of 8 streams."""
    command = [tool("h2load"), "-t1", "-c8", "-m8", *arguments(fields, h2load=True)]
    _run([*command, "-D1", url(peer, tls, SMALL)], 1)
    with Meter(peer.processes(tls)) as meter:
        output = _run([*command, f"-D{seconds}", url(peer, tls, SMALL)], seconds)
    return _saturated(counted(output), meter, seconds)


def counted(output):
    counts = re.search(r"requests: (\d+) total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", output)
    total, done, succeeded, failed, errored, timeout = map(int, counts.groups())
    if failed or errored or timeout or not succeeded or int(re.search(r"status codes: (\d+) 2xx", output).group(1)) != succeeded:
        raise Failed(counts.group(0) + "; " + re.search(r"status codes:.*", output).group(0))
    return succeeded


def latency(peer, fields, tls, seconds, http2=False):
    """Milliseconds from sending to the last byte, at 1,000 requests a second over 50 connections; the first second is left out."""
    connections = 50
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        command = [tool("h2load"), "-t1", f"-c{connections}", f"-n{RATE * (seconds + 1)}", f"--rps={RATE // connections}", f"--log-file={log}"]
        output = _run([*command, *([] if http2 else ["--h1"]), *arguments(fields, h2load=True), url(peer, tls, SMALL)], 4 * seconds)
        counted(output)
        rows = [tuple(map(int, line.split("\t")[:3])) for line in log.read_text().splitlines()]
    begin = min(start for start, _, _ in rows) + 1_000_000
    times = sorted(micros / 1000 for start, _, micros in rows if start >= begin)
    return {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}


def handshakes(peer, fields, tls, seconds):
    """A new TLS connection, a full handshake, one request, the end: at a rate of 300 a second."""
    count = 300 * seconds
    command = [tool("h2load"), "-t1", f"-n{count}", f"-c{count}", "-r30", "--rate-period=100ms", "--h1", *arguments(fields, h2load=True)]
    with Meter(peer.processes(tls)) as meter:
        output = _run([*command, url(peer, tls, SMALL)], 4 * seconds)
    return {"cpu_us": meter.cpu / counted(output) * 1e6}


def bodies(peer, fields, tls, seconds):
    """Downloads of 16 MiB over four connections."""
    _, received, meter = _wrk(peer, fields, tls, seconds, LARGE, 4, LARGE_BYTES)
    return {"cpu_per_gib": meter.cpu / (received / 2**30), "mib_per_second": received / 2**20 / meter.wall}
