"""WebSockets through Postern over TLS, with an echo server by another author: opcodes, fragments, sizes, closing, compression."""

import asyncio
import os
import ssl
import threading

import pytest
import websockets
from conftest import route_on_localhost
from support.configuration import Configuration
from support.network import wait_until
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

LARGE = 16 * 1024 * 1024


class EchoServer:
    """Sends back what it gets; `/close?CODE` closes with that code, `/push?COUNT` sends that many messages unasked."""

    def __init__(self, compression="deflate"):
        self._compression = compression
        self.closed = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        assert self._ready.wait(10)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self):
        async with serve(self._handle, "127.0.0.1", 0, max_size=2 * LARGE, select_subprotocol=self._choose, compression=self._compression) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await server.serve_forever()

    @staticmethod
    def _choose(_, offered):
        return next((name for name in ("chat.v2", "chat.v1") if name in offered), None)

    async def _handle(self, connection):
        path, _, argument = connection.request.path.partition("?")
        if path == "/close":
            await connection.close(int(argument), "as asked")
        elif path == "/push":
            for number in range(int(argument)):
                await connection.send(f"{number} " + "x" * 1000)
            await connection.close()
        else:
            try:
                async for message in connection:
                    await connection.send(message)
            except websockets.ConnectionClosedError:
                pass
        await connection.wait_closed()
        self.closed.append((connection.close_code, connection.close_reason))


@pytest.fixture(scope="module")
def echo():
    return EchoServer()


@pytest.fixture(scope="module")
def postern(run_server, echo):
    return run_server(route_on_localhost(Configuration(), f"http://127.0.0.1:{echo.port}", allow_websockets=True))


@pytest.fixture
def opened(postern, echo):
    """A coroutine function on an open connection, run directly and through the proxy: both must give the same result."""

    def both(work, path="/", **options):
        context = ssl.create_default_context(cafile=str(postern.server.ca))

        async def at(url, **more):
            async with connect(url, max_size=2 * LARGE, proxy=None, open_timeout=20, **more, **options) as connection:
                return await asyncio.wait_for(work(connection), 60)

        direct = asyncio.run(at(f"ws://127.0.0.1:{echo.port}{path}"))
        proxied = asyncio.run(at(postern.localhost("wss", path), ssl=context))
        assert proxied == direct
        return proxied

    return both


@pytest.mark.parametrize("compression", ["deflate", None])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 1 << 20])
def test_messages_of_every_length_form(opened, size, compression):
    text, binary = "ü" * (size // 2) + "a" * (size % 2), os.urandom(size)

    async def work(connection):
        await connection.send(text)
        await connection.send(binary)
        return [await connection.recv(), await connection.recv()] == [text, binary]

    assert opened(work, compression=compression)


@pytest.mark.parametrize("compression", ["deflate", None])
def test_a_message_of_16_mib(opened, compression):
    data = os.urandom(LARGE)

    async def work(connection):
        await connection.send(data)
        return await connection.recv() == data

    assert opened(work, compression=compression)


def test_fragments(opened):
    async def work(connection):
        await connection.send([b"one ", b"", b"two ", b"x" * 70_000])
        return await connection.recv()

    assert opened(work) == b"one two " + b"x" * 70_000


def test_pings_are_answered_by_the_application(opened):
    async def work(connection):
        await asyncio.wait_for(await connection.ping(b"are you there"), 10)
        await connection.pong(b"unasked")
        await connection.send("still open")
        return await connection.recv()

    assert opened(work) == "still open"


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 3000, 4999])
def test_close_codes_of_the_application(opened, code):
    async def work(connection):
        await connection.wait_closed()
        return connection.close_code, connection.close_reason

    assert opened(work, f"/close?{code}") == (code, "as asked")


@pytest.mark.parametrize("code", [1000, 1001, 4000])
def test_close_codes_of_the_client(opened, echo, code):
    reason = f"bye with {code}"

    async def work(connection):
        await connection.close(code, reason)
        return connection.close_code

    opened(work)
    wait_until(lambda: [closed for closed in echo.closed if closed[1] == reason] == [(code, reason)] * 2, "the application knows the code, twice")


def test_many_messages_in_one_direction(opened):
    async def work(connection):
        return [int(message.split()[0]) async for message in connection]

    assert opened(work, "/push?5000") == list(range(5000))


def test_messages_in_both_directions_at_once(opened):
    async def work(connection):
        async def send():
            for number in range(2000):
                await connection.send(f"{number}")

        sender = asyncio.create_task(send())
        received = [await connection.recv() for _ in range(2000)]
        await sender
        return received

    assert opened(work) == [str(number) for number in range(2000)]


def test_subprotocols_and_extensions_are_the_applications_choice(opened):
    async def work(connection):
        return connection.subprotocol, [extension.name for extension in connection.protocol.extensions]

    assert opened(work, subprotocols=["chat.v1", "chat.v2"]) == ("chat.v2", ["permessage-deflate"])


def test_a_route_without_websockets_refuses_them(run_server, echo):
    closed = run_server(route_on_localhost(Configuration(), f"http://127.0.0.1:{echo.port}"))
    context = ssl.create_default_context(cafile=str(closed.server.ca))

    async def attempt():
        async with connect(closed.localhost("wss"), ssl=context, proxy=None):
            pass

    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(attempt())
    assert refused.value.response.status_code == 403
