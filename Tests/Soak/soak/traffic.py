"""Everything that clients do meanwhile, in one event loop on a thread of its own. What fails is kept, never retried."""

import asyncio
import collections
import random
import ssl
import threading
import time

from websockets.asyncio.client import connect

from .applications import Applications
from .http2 import HTTP2Client

#: Longest time for one echo or one short request, in seconds.
PATIENCE = 30
#: Tunnels that share one HTTP/2 connection.
STREAMS = 10


class Traffic:
    def __init__(self, interval):
        self.interval = interval
        self.failures = []
        #: Echoes and answers so far, by kind.
        self.done = collections.Counter()
        #: Long-lived connections that are open now, by kind.
        self.open = collections.Counter()
        self.slowest = 0.0
        self.applications = Applications()
        self._begin = time.monotonic()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._tasks = []
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._run(self.applications.start())

    def point_at(self, server, cookie, authorization):
        """The server that everything goes to, and what shows who is signed in."""
        self.port, self.cookie, self.authorization = server.port, cookie, authorization
        self._gate = asyncio.Semaphore(16)
        self._tls = {}
        for protocol in ("http/1.1", "h2"):
            self._tls[protocol] = ssl.create_default_context(cafile=str(server.ca))
            self._tls[protocol].set_alpn_protocols([protocol])

    def hold(self, websockets, tunnels):
        """Opens that many more; half of the tunnels over each version of HTTP."""
        shared = tunnels // 2
        work = [self._websocket(number) for number in range(websockets)]
        work += [self._tunnel(number) for number in range(tunnels - shared)]
        work += [self._shared_tunnels(min(STREAMS, shared - first)) for first in range(0, shared, STREAMS)]
        self._start(work)

    def request_steadily(self):
        self._start([self._requests(keeps=True), self._requests(keeps=True), self._requests(keeps=False), self._http2_requests(), self._http2_requests()])

    def stop(self):
        """Closes everything from the client's side."""
        self._loop.call_soon_threadsafe(self._stop.set)
        for task in self._tasks:
            task.result(PATIENCE * 2)

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def _start(self, work):
        self._tasks += [asyncio.run_coroutine_threadsafe(each, self._loop) for each in work]

    def _fail(self, what, error):
        self.failures.append(f"{time.monotonic() - self._begin:.1f} s: {what}: {type(error).__name__} {error}")

    async def _rest(self, seconds):
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            pass

    async def _echoes(self, kind, echo):
        """Sends a message every few seconds until the end."""
        self.open[kind] += 1
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                await asyncio.wait_for(echo(f"{kind} {random.random()}"), PATIENCE)
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.done[kind] += 1
                await self._rest(self.interval * random.uniform(0.8, 1.2))
        finally:
            self.open[kind] -= 1

    async def _websocket(self, number):
        try:
            async with self._gate:
                connection = await connect(
                    f"wss://ws.localhost:{self.port}/", ssl=self._tls["http/1.1"], additional_headers={"Cookie": self.cookie}, proxy=None, open_timeout=PATIENCE)

            async def echo(text):
                await connection.send(text)
                received = await connection.recv()
                assert received == text, f"got {received!r} for {text!r}"

            await self._echoes("websocket", echo)
            await connection.close()
        except Exception as error:
            self._fail(f"websocket {number}", error)

    async def _tunnel(self, number):
        try:
            async with self._gate:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self._tls["http/1.1"], server_hostname="db.localhost")
                writer.write(f"CONNECT db.localhost:5432 HTTP/1.1\r\nHost: db.localhost:5432\r\nAuthorization: {self.authorization}\r\n\r\n".encode())
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
                assert head.startswith(b"HTTP/1.1 200"), head

            async def echo(text):
                writer.write(text.encode())
                received = await reader.readexactly(len(text))
                assert received == text.encode(), f"got {received!r} for {text!r}"

            await self._echoes("tunnel", echo)
            writer.close()
        except Exception as error:
            self._fail(f"tunnel {number}", error)

    async def _shared_tunnels(self, count):
        try:
            async with self._gate:
                client = await HTTP2Client.open("db.localhost", self.port, self._tls["h2"])
            await asyncio.gather(*(self._stream(client, number) for number in range(count)))
            client.close()
        except Exception as error:
            self._fail("tunnels over HTTP/2", error)

    async def _stream(self, client, number):
        try:
            stream = client.begin([(":method", "CONNECT"), (":authority", "db.localhost:5432"), ("authorization", self.authorization)], end=False)
            status = await asyncio.wait_for(client.status(stream), PATIENCE)
            assert status == 200, status

            async def echo(text):
                received = await client.echo(stream, text.encode())
                assert received == text.encode(), f"got {received!r} for {text!r}"

            await self._echoes("tunnel over HTTP/2", echo)
        except Exception as error:
            self._fail(f"tunnel {number} over HTTP/2", error)

    async def _requests(self, keeps):
        """Short requests over HTTP/1.1, on one connection as long as the server keeps it or on one each."""
        kind = "request over HTTP/1.1" if keeps else "request on a new connection"
        reader = writer = None
        while not self._stop.is_set():
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self._tls["http/1.1"], server_hostname="short.localhost")
                path = f"/{random.getrandbits(32):x}"
                writer.write(f"GET {path} HTTP/1.1\r\nHost: short.localhost:{self.port}\r\nCookie: {self.cookie}\r\n\r\n".encode())
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).lower()
                assert head.startswith(b"http/1.1 200"), head
                body = await asyncio.wait_for(reader.readexactly(len(path)), PATIENCE)
                assert body == path.encode(), body
                self.done[kind] += 1
                if not keeps or b"\r\nconnection: close" in head:
                    writer.close()
                    writer = None
            except Exception as error:
                self._fail(kind, error)
                writer = None
            await self._rest(0.05)
        if writer is not None:
            writer.close()

    async def _http2_requests(self):
        client = None
        while not self._stop.is_set():
            try:
                if client is None or client.is_ending:
                    if client is not None:
                        client.close()
                    client = await HTTP2Client.open("short.localhost", self.port, self._tls["h2"])
                path = f"/{random.getrandbits(32):x}"
                authority = f"short.localhost:{self.port}"
                number = client.begin([(":method", "GET"), (":scheme", "https"), (":authority", authority), (":path", path), ("cookie", self.cookie)], end=True)
                status = await asyncio.wait_for(client.status(number), PATIENCE)
                assert status == 200, status
                body = await asyncio.wait_for(client.body(number), PATIENCE)
                assert body == path.encode(), body
                self.done["request over HTTP/2"] += 1
            except Exception as error:
                self._fail("request over HTTP/2", error)
                client = None
            await self._rest(0.05)
        if client is not None:
            client.close()
