"""Frames as bytes: what one side of a WebSocket sends is what the other side sees, sound or not, and an application's answer to a fault is the client's.

Needs no suite of other people; the Autobahn suite (test_websocket_autobahn.py) covers the same ground with some hundred cases more.
"""

import base64
import hashlib
import itertools
import os
import select
import socket
import ssl
import threading
import time

import pytest
from conftest import route_on_localhost
from support.configuration import Configuration
from test_websocket import EchoServer

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x11\x22\x33\x44"


def frame(opcode, payload=b"", fin=True, rsv=0, masked=True, length=None):
    """`length` is the form: 7, 16 or 64 bits; the shortest by default."""
    size = len(payload)
    form = length or (7 if size < 126 else 16 if size < 65536 else 64)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    mark = 0x80 if masked else 0
    head += {7: lambda: bytes([mark | size]), 16: lambda: bytes([mark | 126]) + size.to_bytes(2), 64: lambda: bytes([mark | 127]) + size.to_bytes(8)}[form]()
    if not masked:
        return head + payload
    key = MASK * (size // 4 + 1)
    return head + MASK + (int.from_bytes(payload) ^ int.from_bytes(key[:size])).to_bytes(size) if size else head + MASK


def close(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else code.to_bytes(2) + reason)


#: What a client may send. Each ends with a close frame unless the fault is one that ends the connection.
SOUND = {
    "text": [frame(TEXT, "grüße".encode()), close(1000)],
    "empty messages": [frame(TEXT), frame(BINARY), close(1000)],
    "lengths": [*(frame(BINARY, b"x" * size) for size in (1, 125, 126, 127, 65535, 65536, 1 << 20)), close(1000)],
    "two fragments": [frame(TEXT, b"one ", fin=False), frame(CONTINUATION, b"two"), close(1000)],
    "empty fragments": [frame(TEXT, fin=False), frame(CONTINUATION, fin=False), frame(CONTINUATION, b"x", fin=False), frame(CONTINUATION), close(1000)],
    "a character in two fragments": [frame(TEXT, b"\xc3", fin=False), frame(CONTINUATION, b"\xbc"), close(1000)],
    "a ping between fragments": [frame(TEXT, b"one ", fin=False), frame(PING, b"now"), frame(CONTINUATION, b"two"), close(1000)],
    "a pong between fragments": [frame(TEXT, b"one ", fin=False), frame(PONG, b"unasked"), frame(CONTINUATION, b"two"), close(1000)],
    "many pings": [*(frame(PING, bytes([number])) for number in range(10)), close(1000)],
    "the longest ping": [frame(PING, b"p" * 125), close(1000)],
    "an empty ping": [frame(PING), close(1000)],
    "many fragments": [frame(BINARY, b"a", fin=False), *(frame(CONTINUATION, b"b" * 100, fin=False) for _ in range(1000)), frame(CONTINUATION), close(1000)],
    "close without a code": [close()],
    "close with a reason": [close(1000, "tschüß".encode())],
    "the longest reason": [close(1000, b"r" * 123)],
    **{f"close with {code}": [close(code)] for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)},
}
FAULTS = {
    **{f"reserved bits {bits}": [frame(TEXT, b"x", rsv=bits)] for bits in range(1, 8)},
    **{f"opcode {opcode}": [frame(opcode, b"x")] for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a control frame in fragments": [frame(PING, b"a", fin=False), frame(CONTINUATION, b"b")],
    "a ping that is too long": [frame(PING, b"p" * 126)],
    "a close that is too long": [close(1000, b"r" * 124)],
    "a continuation of nothing": [frame(CONTINUATION, b"x")],
    "a new message within one": [frame(TEXT, b"a", fin=False), frame(TEXT, b"b")],
    "an unmasked frame": [frame(TEXT, b"x", masked=False)],
    "a close with one byte": [frame(CLOSE, b"\x03")],
    "a reason that is no UTF-8": [close(1000, b"\xff")],
    **{f"close with {code}": [close(code)] for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)},
    **{
        f"text that is no UTF-8: {text.hex()}": [frame(TEXT, text)]
        for text in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xce\xba\xe1\xbd", b"\x80", b"a\xe2\x28\xa1")
    },
    "bad UTF-8 in a later fragment": [frame(TEXT, b"ok", fin=False), frame(CONTINUATION, b"\xff")],
    "a message beyond the application's limit": [frame(BINARY, b"x" * (33 << 20))],
}
#: What the application answers of these depends on it alone, so only the passage is looked at.
ODD = {
    "a length of 16 bits where 7 do": [frame(TEXT, b"x", length=16)],
    "a length of 64 bits where 7 do": [frame(TEXT, b"x", length=64)],
    "a compressed frame": [frame(TEXT, bytes.fromhex("f248cdc9c90700"), rsv=4)],
    "no frames at all": [os.urandom(100_000)],
    "an HTTP request": [b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"],
}


class Client:
    """A handshake, and then bytes."""

    def __init__(self, port, authority, ca=None, extensions=None):
        self._socket = socket.create_connection(("127.0.0.1", port), 20)
        if ca:
            context = ssl.create_default_context(cafile=str(ca))
            context.set_alpn_protocols(["http/1.1"])
            self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
        lines = ["GET / HTTP/1.1", f"Host: {authority}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        lines += [f"Sec-WebSocket-Extensions: {extensions}"] if extensions else []
        self._socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.buffer = b""
        head = self._until(b"\r\n\r\n").decode().split("\r\n")
        assert head[0].startswith("HTTP/1.1 101"), head
        self.fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        assert self.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    def send(self, data):
        self._socket.sendall(data)

    def exchange(self, pieces):
        """Sends pieces and takes as many bytes back, both at once: what comes back is more than the buffers on the way hold."""
        self._socket.setblocking(False)
        received = bytearray(self.buffer)
        left, wanted, deadline = [memoryview(piece) for piece in pieces if piece], sum(map(len, pieces)), time.monotonic() + 60
        while len(received) < wanted:
            assert time.monotonic() < deadline, f"{wanted - len(received)} bytes are missing after a minute"
            moved = False
            try:
                if left:
                    sent = self._socket.send(left[0])
                    moved = True
                    left[:1] = [left[0][sent:]] if sent < len(left[0]) else []
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                pass
            try:
                data = self._socket.recv(1 << 18)
                assert data, f"the stream ended {wanted - len(received)} bytes early"
                received += data
                moved = True
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                pass
            if not moved:
                select.select([self._socket], [self._socket] if left else [], [], 1)
        self._socket.setblocking(True)
        self.buffer = bytes(received[wanted:])
        return bytes(received[:wanted])

    def rest(self):
        data, self.buffer = self.buffer, b""
        try:
            while block := self._socket.recv(65536):
                data += block
        except (ConnectionError, ssl.SSLError):
            pass
        return data

    def close(self):
        self._socket.close()

    def _until(self, mark):
        while mark not in self.buffer:
            data = self._socket.recv(65536)
            assert data, f"no whole head: {self.buffer!r}"
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(mark)
        return head


def frames(data):
    """The frames of a server, whole messages joined: how an echo is cut is the application's choice."""
    found, message = [], None
    while len(data) >= 2:
        opcode, size, offset = data[0] & 15, data[1] & 127, 2
        if size > 125:
            width = 2 if size == 126 else 8
            size, offset = int.from_bytes(data[2 : 2 + width]), 2 + width
        payload, fin, data = data[offset : offset + size], data[0] & 0x80, data[offset + size :]
        if opcode >= CLOSE:
            found.append((opcode, payload))
        else:
            message = (opcode, payload) if opcode else (message[0], message[1] + payload)
            if fin:
                found.append(message)
    return found


@pytest.fixture(scope="module")
def echo():
    return EchoServer(compression=None)


class Mirror:
    """An application that says yes to the handshake, and from then on sends every byte back and keeps it."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.received = {}
        self._numbers = itertools.count()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, _, rest = head.partition(b"\r\n\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.decode().split("\r\n")[1:])}
        accept = base64.b64encode(hashlib.sha1((fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        number = next(self._numbers)
        self.received[number] = hashlib.sha256()
        answer = f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\nX-Number: {number}\r\n"
        if "sec-websocket-extensions" in fields:
            answer += f"Sec-WebSocket-Extensions: {fields['sec-websocket-extensions']}\r\n"
        connection.sendall(answer.encode() + b"\r\n")
        data = rest
        while True:
            self.received[number].update(data)
            connection.sendall(data)
            data = connection.recv(65536)
            if not data:
                return connection.close()


@pytest.fixture(scope="module")
def mirror():
    return Mirror()


@pytest.fixture(scope="module")
def postern(run_server, echo, mirror):
    config = route_on_localhost(Configuration(), f"http://127.0.0.1:{echo.port}", allow_websockets=True)
    return run_server(config)


@pytest.fixture(scope="module")
def mirrored(run_server, mirror):
    return run_server(route_on_localhost(Configuration(), f"http://127.0.0.1:{mirror.port}", allow_websockets=True))


def talk(client, pieces):
    for piece in pieces:
        try:
            client.send(piece)
        except (ConnectionError, ssl.SSLError):
            break
    try:
        return frames(client.rest())
    finally:
        client.close()


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_answered_as_without_the_proxy(postern, echo, name):
    direct = talk(Client(echo.port, "localhost"), SOUND[name])
    proxied = talk(Client(postern.port, f"localhost:{postern.port}", postern.server.ca), SOUND[name])
    assert proxied == direct
    assert proxied[-1][0] == CLOSE


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_answered_as_without_the_proxy(postern, echo, name):
    """Whether a large message is still read when its end has been told is a matter of time: then the connection is reset, and the frame is lost directly too."""
    direct = talk(Client(echo.port, "localhost"), FAULTS[name])
    proxied = talk(Client(postern.port, f"localhost:{postern.port}", postern.server.ca), FAULTS[name])
    ends = [[payload for opcode, payload in found if opcode == CLOSE] for found in (direct, proxied)]
    assert ends[1] == ends[0] or "beyond" in name and [] in ends, name
    assert not ends[0] or int.from_bytes(ends[0][0][:2]) in (1002, 1007, 1009)


@pytest.mark.parametrize("pieces", ["whole", "one byte at a time", "halves"])
@pytest.mark.parametrize("name", [*SOUND, *FAULTS, *ODD])
def test_both_sides_see_the_same_bytes(mirrored, mirror, name, pieces):
    data = b"".join({**ODD, **FAULTS, **SOUND}[name])
    if pieces == "one byte at a time":
        if len(data) > 2000:
            pytest.skip("too many pieces")
        cut = [data[index : index + 1] for index in range(len(data))]
    else:
        middle = len(data) // 2
        cut = [data] if pieces == "whole" else [data[:middle], data[middle:]]
    client = Client(mirrored.port, f"localhost:{mirrored.port}", mirrored.server.ca)
    assert client.exchange(cut) == data
    assert mirror.received[int(client.fields["x-number"])].digest() == hashlib.sha256(data).digest()
    client.close()


def test_extensions_are_offered_and_accepted_in_the_same_words(mirrored):
    offer = "permessage-deflate; client_max_window_bits; server_no_context_takeover, x-other; a=\"b, c\""
    client = Client(mirrored.port, f"localhost:{mirrored.port}", mirrored.server.ca, offer)
    assert client.fields["sec-websocket-extensions"] == offer
    client.close()


def test_frames_right_behind_the_handshake_arrive(mirrored):
    """The client does not wait for the 101, which a proxy could take for the bytes of a next request."""
    context = ssl.create_default_context(cafile=str(mirrored.server.ca))
    data = frame(TEXT, b"early")
    with socket.create_connection(("127.0.0.1", mirrored.port), 20) as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
        lines = ["GET / HTTP/1.1", f"Host: localhost:{mirrored.port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        received = b""
        while not received.endswith(data):
            block = connection.recv(65536)
            assert block, received
            received += block
    assert received.startswith(b"HTTP/1.1 101")
