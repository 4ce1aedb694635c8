"""Five thousand connections at a time that mean no good: the memory stays bounded, others are served, and all of them end."""

import asyncio
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import route_on_localhost
from support.client import curl
from support.configuration import Configuration
from support.network import wait_until
from support.upstream import BLOCK

pytestmark = pytest.mark.slow

CONNECTIONS = 5000
#: What the server opens to one target with one event loop.
UPSTREAM_CONNECTIONS = 1024
KIB = 1024
#: What one connection may cost, by what it does.
ALLOWED = {
    "silent": 40 * KIB,
    "half a handshake": 48 * KIB,
    "half a head": 64 * KIB,
    "half a body": 64 * KIB,
    "idle": 64 * KIB,
    "half of HTTP/2": 96 * KIB,
    "unread": 320 * KIB,
}

#: Runs in a process of its own: opens connections, does one thing on each, says so, and keeps them until its input ends.
ATTACKER = r'''
import asyncio, resource, ssl, sys

kind, port, count, ca = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
tls = ssl.create_default_context(cafile=ca)
tls.set_alpn_protocols(["h2" if kind == "half of HTTP/2" else "http/1.1"])
head = f"Host: localhost:{port}\r\n".encode()
hello = ssl.MemoryBIO()
try:
    tls.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost").do_handshake()
except ssl.SSLWantReadError:
    pass
hello = hello.read()

words = {
    "half a handshake": hello[: len(hello) // 2],
    "half a head": b"GET /silent HTTP/1.1\r\n" + head + b"X-Fill: " + b"a" * 8000,
    "half a body": b"POST /silent HTTP/1.1\r\n" + head + b"Content-Length: 1000000\r\n\r\n" + b"a" * 8000,
    "idle": b"GET /quick HTTP/1.1\r\n" + head + b"\r\n",
    "half of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0" + b"\0\x40\0\1\0\0\0\0\1" + b"\x82" * 4000,
    "unread": b"GET /large HTTP/1.1\r\n" + head + b"\r\n",
}

async def one(number, gate, held):
    async with gate:
        # No address has more ports than one listener can tell apart, and a server may limit what one address has.
        local = (f"127.0.{1 + number % 8}.1", 0)
        secure = {} if kind in ("silent", "half a handshake") else {"ssl": tls, "server_hostname": "localhost"}
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port, local_addr=local, limit=1024, **secure), 60)
            if kind in words:
                writer.write(words[kind])
                await writer.drain()
            if kind == "idle":
                await reader.readuntil(b"\r\n\r\n")
            if kind == "unread":
                writer.transport.pause_reading()
            held.append((reader, writer))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass

async def main():
    gate, held = asyncio.Semaphore(64), []
    await asyncio.gather(*(one(number, gate, held) for number in range(count)))
    print(len(held), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
'''


class Application:
    """Answers `/large` with 4 MiB as fast as they are taken, `/quick` at once, and others never. In an event loop: it has as many clients."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024), self._loop).result(10)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b"/large" in head:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * len(BLOCK)))
                    for _ in range(64):
                        writer.write(BLOCK)
                        await writer.drain()
                elif b"/quick" in head:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquick")
                else:
                    await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    """The server and the attackers inherit the limit: two descriptors for each connection."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    if before[1] < 2 * CONNECTIONS + 500:
        pytest.skip(f"only {before[1]} files may be open")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def postern(run_server):
    limits = {"max_connections": 10000, "max_pending_requests": 10000, "max_requests": 10000}
    config = Configuration(timeout_read="90s", timeout_idle="90s", circuit_breaker_thresholds=limits)
    config.routes.append({"from": config.url("quick", ""), "response": {"status": 200, "body": "quick"}, "allow_public_unauthenticated_access": True})
    return run_server(route_on_localhost(config, Application().url))


def open_files(postern):
    return len(os.listdir(f"/proc/{postern.server.pid}/fd"))


@pytest.mark.parametrize("kind", ALLOWED)
def test_five_thousand(postern, kind):
    # What a first connection costs is not what each costs.
    assert curl(postern.server, postern.config.url("quick")).status == 200
    files, memory = open_files(postern), postern.server.memory()
    script = Path(postern.server.directory) / "attacker.py"
    script.write_text(ATTACKER)
    command = [sys.executable, script, kind, str(postern.port), str(CONNECTIONS), str(postern.server.ca)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as attacker:
        try:
            times, memories = [], []
            # While they come, and while they stay.
            answered = threading.Event()
            opened = []
            threading.Thread(target=lambda: (opened.append(int(attacker.stdout.readline() or 0)), answered.set()), daemon=True).start()
            deadline = time.monotonic() + 240
            while not answered.wait(0.3):
                assert time.monotonic() < deadline, "the attacker does not come through"
                answer = curl(postern.server, postern.config.url("quick"), "--write-out", "%{time_total}", timeout=20)
                assert answer.status == 200
                times.append(float(answer.text.removeprefix("quick")))
                memories.append(postern.server.memory())
            for _ in range(5):
                assert curl(postern.server, postern.config.url("quick"), timeout=20).status == 200
                memories.append(postern.server.memory())
                time.sleep(0.5)
            # Handshakes that are not made in time are ended while others are still being opened; requests that there is no upstream connection for
            # are answered 503, and their connections end where a body was announced.
            least = 0 if kind in ("silent", "half a handshake") else UPSTREAM_CONNECTIONS if kind == "half a body" else CONNECTIONS * 9 // 10
            assert opened[0] >= CONNECTIONS * 9 // 10 and open_files(postern) - files >= least, (opened, open_files(postern))
            each = (max(memories) - memory) / opened[0]
            print(f"\n{kind}: {opened[0]} connections, {each / KIB:.1f} KiB each, others waited {max(times, default=0):.2f} s at most")
            assert each < ALLOWED[kind]
        finally:
            attacker.stdin.close()
            attacker.wait(30)
    wait_until(lambda: open_files(postern) <= files + 20, "all of them are closed", 60)
    assert curl(postern.server, postern.config.url("quick")).status == 200
