"""An upstream that reads requests as strictly as RFC 9112 allows and keeps the bytes of each: what a proxy really forwarded."""

import re
import socket
import threading

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(rb"[\x21-\x7e\x80-\xff]+")


#: Bytes of the answer to /large.
LARGE = 4 * 1024 * 1024


class Ambiguous(Exception):
    """Bytes that two readers could understand differently."""


class Incomplete(Exception):
    """The proxy gave the request up: it closed the connection inside the body, which no reader takes for a whole request."""


class Message:
    """One request as it arrived. `fault` says why a strict reader would refuse it."""

    def __init__(self, head, line, fields):
        self.head, self.fields = head, fields
        self.method, self.target, self.version = line
        self.body = b""
        self.fault = None
        self.is_complete = True

    def values(self, name):
        return [value for key, value in self.fields if key.lower() == name]


class Recorder:
    """Listens on a free port. `messages` are the requests of all connections in the order of their arrival."""

    def __init__(self):
        self.messages = []
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self):
        """What arrived since the last call."""
        with self._lock:
            taken, self.messages = self.messages, []
        return taken

    def close(self):
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(30)
        reader = connection.makefile("rb")
        try:
            while message := self._read(reader):
                with self._lock:
                    self.messages.append(message)
                if message.fault or not message.is_complete:
                    return
                body = b"l" * LARGE if message.target == b"/large" else b"recorded\n"
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
                if message.method != b"HEAD":
                    connection.sendall(body)
        except OSError:
            pass
        finally:
            connection.close()

    def _read(self, reader):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = reader.readline(1 << 20)
            if not line:
                if not head:
                    return None
                return self._faulty(head, "the connection ended inside the head")
            head += line
            if line == b"\n" or (line == b"\r\n" and not head.endswith(b"\r\n\r\n")):
                return self._faulty(head, "an empty line out of place")
        try:
            message = _parse(head)
        except Ambiguous as fault:
            return self._faulty(head, str(fault))
        try:
            message.body = _body(message, reader)
        except Ambiguous as fault:
            message.fault = str(fault)
        except Incomplete:
            message.is_complete = False
        return message

    @staticmethod
    def _faulty(head, fault):
        message = Message(head, (b"", head.split(b" ")[1] if b" " in head else b"", b""), [])
        message.fault = fault
        return message


def _parse(head):
    lines = head[:-4].split(b"\r\n")
    if any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines):
        raise Ambiguous("a bare line end or NUL")
    line = lines[0].split(b" ")
    if len(line) != 3 or not _TOKEN.fullmatch(line[0]) or not _TARGET.fullmatch(line[1]) or line[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Ambiguous(f"request line {lines[0]!r}")
    fields = []
    for field in lines[1:]:
        name, colon, value = field.partition(b":")
        if not colon or not _TOKEN.fullmatch(name):
            raise Ambiguous(f"field line {field!r}")
        fields.append((name, value.strip(b" \t")))
    message = Message(head, line, fields)
    lengths, codings = message.values(b"content-length"), message.values(b"transfer-encoding")
    if len(message.values(b"host")) != 1:
        raise Ambiguous("not one Host")
    if lengths and codings:
        raise Ambiguous("length with transfer coding")
    if len(lengths) > 1 or any(not value.isdigit() for value in lengths):
        raise Ambiguous(f"Content-Length {lengths}")
    if codings and [value.lower() for value in codings] != [b"chunked"]:
        raise Ambiguous(f"Transfer-Encoding {codings}")
    return message


def _body(message, reader):
    lengths = message.values(b"content-length")
    if lengths:
        body = reader.read(int(lengths[0]))
        if len(body) < int(lengths[0]):
            raise Incomplete
        return body
    if not message.values(b"transfer-encoding"):
        return b""
    body = b""
    while True:
        line = reader.readline(4096)
        if not line:
            raise Incomplete
        size = re.fullmatch(rb"([0-9A-Fa-f]{1,16})\r\n", line)
        if not size:
            raise Ambiguous(f"chunk size line {line!r}")
        count = int(size.group(1), 16)
        if not count:
            break
        data = reader.read(count + 2)
        if len(data) < count + 2:
            raise Incomplete
        body += data[:-2]
        if data[-2:] != b"\r\n":
            raise Ambiguous("a chunk without its end")
    while (line := reader.readline(65536)) != b"\r\n":
        if not line:
            raise Incomplete
        name, colon, _ = line.partition(b":")
        if not line.endswith(b"\r\n") or not colon or not _TOKEN.fullmatch(name):
            raise Ambiguous(f"trailer line {line!r}")
    return body
