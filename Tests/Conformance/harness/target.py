"""Whom the HTTP/2 tests ask: Postern, or a peer to see whether the tests themselves are right."""

import socket
import ssl
from pathlib import Path

from .http2 import Connection

#: What an attack may add to the server's memory.
ALLOWED = 64 * 1024 * 1024


class Target:
    def __init__(self, name, port, ca, pid, recorder):
        self.name, self.port, self.ca, self.pid, self.recorder = name, port, ca, pid, recorder
        self.authority = f"localhost:{port}"

    def connect(self, **options):
        return Connection(self.port, self.ca, self.authority, **options)

    def arrived(self):
        """The whole requests behind the server since the last call. One that a test before gave up may end at any time, and does not count."""
        return [message for message in self.recorder.take() if message.is_complete]

    def memory(self):
        """Resident bytes of the process and its children."""
        total, open_ = 0, [self.pid]
        while open_:
            pid = open_.pop()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
            open_ += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return total

    def serves(self):
        """Whether an ordinary request over a new connection is answered, over both versions."""
        with self.connect() as connection:
            outcome = connection.request(connection.request_fields("/alive")).answered()
            if outcome.statuses.get(1) != 200:
                return False
        context = ssl.create_default_context(cafile=str(self.ca))
        with socket.create_connection(("127.0.0.1", self.port), 10) as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(f"GET /alive HTTP/1.1\r\nHost: {self.authority}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
