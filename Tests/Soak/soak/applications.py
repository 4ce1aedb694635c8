"""The applications behind the proxy: a WebSocket echo on the websockets library, a TCP echo, and a few bytes over HTTP."""

import asyncio

import websockets
from websockets.asyncio.server import serve


class Applications:
    """Listens on free loopback ports once `start` was awaited."""

    async def start(self):
        self._websockets = await serve(_echo_messages, "127.0.0.1", 0)
        self._tcp = await asyncio.start_server(_echo_bytes, "127.0.0.1", 0)
        self._http = await asyncio.start_server(_answer, "127.0.0.1", 0)
        self.websocket_port, self.tcp_port, self.http_port = (server.sockets[0].getsockname()[1] for server in (self._websockets, self._tcp, self._http))


async def _echo_messages(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except websockets.ConnectionClosedError:
        pass


async def _echo_bytes(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def _answer(reader, writer):
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
