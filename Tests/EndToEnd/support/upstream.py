"""The application behind the proxy: it tells what it received, and misbehaves on demand."""

import hashlib
import html
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BLOCK = bytes(range(256)) * 256  # 64 KiB


class EchoApp:
    """Serves on a free loopback port until closed. `requests` is everything that arrived, in order."""

    def __init__(self, tls=None):
        self.requests = []
        self._lock = threading.Lock()
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def record(self, request):
        with self._lock:
            self.requests.append(request)

    def seen(self, path):
        """The requests whose path, query left out, is `path`."""
        with self._lock:
            return [request for request in self.requests if urlsplit(request["path"]).path == path]

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """A peer that goes away is part of the tests; the assertions are made at the client."""


def _handler(app):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 120
        # Head and body are two writes, and the second would wait for the acknowledgement of the first.
        disable_nagle_algorithm = True

        def log_message(self, *_):
            pass

        def do_GET(self):
            split = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(split.query).items()}
            if split.path == "/unread":
                app.released.wait(30)
                self.close_connection = True
                return
            body = self._read_body()
            request = {
                "method": self.command,
                "path": self.path,
                "headers": [[name, value] for name, value in self.headers.items()],
                "body_length": body[0],
                "body_sha256": body[1],
                "body": body[2],
            }
            app.record(request)
            action = getattr(self, "act_" + split.path.strip("/").replace("-", "_"), None)
            if action is not None:
                action(query)
            else:
                self._echo(request)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_GET

        def _read_body(self):
            digest, length, kept = hashlib.sha256(), 0, b""
            for block in self._blocks():
                digest.update(block)
                length += len(block)
                if length <= 4096:
                    kept += block
            return length, digest.hexdigest(), kept.decode("latin-1")

        def _blocks(self):
            if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    while size:
                        block = self.rfile.read(min(size, 65536))
                        size -= len(block)
                        yield block
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                return
            left = int(self.headers.get("Content-Length") or 0)
            while left:
                block = self.rfile.read(min(left, 65536))
                if not block:
                    return
                left -= len(block)
                yield block

        def _echo(self, request, status=200):
            text = json.dumps(request)
            content_type = "application/json"
            if "text/html" in (self.headers.get("Accept") or ""):
                text = f'<!doctype html><title>echo</title><pre id="echo">{html.escape(text)}</pre>'
                content_type = "text/html; charset=utf-8"
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def act_sleep(self, query):
            """Answers after `seconds`, or when the application is closed."""
            app.released.wait(float(query["seconds"]))
            self._echo({"slept": query["seconds"]})

        def act_status(self, query):
            self._echo({}, int(query["code"]))

        def act_download(self, query):
            """Sends `bytes` bytes: with a length, or chunked when `chunked` is given."""
            left = int(query["bytes"])
            chunked = "chunked" in query
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(left))))
            self.end_headers()
            while left:
                block = BLOCK[: min(left, len(BLOCK))]
                left -= len(block)
                self._chunk(block) if chunked else self.wfile.write(block)
            if chunked:
                self.wfile.write(b"0\r\n\r\n")

        def act_ticks(self, query):
            """One short line every tenth of a second, `count` lines: a stream that is not buffered anywhere."""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number in range(int(query["count"])):
                self._chunk(f"data: {number}\n\n".encode())
                if app.released.wait(0.1):
                    break
            self.wfile.write(b"0\r\n\r\n")

        def act_break_before_response(self, _):
            self._reset()

        def act_break_in_body(self, query):
            """Promises more than it sends, with a length or chunked, and closes."""
            self.send_response(200)
            chunked = "chunked" in query
            self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", "100000")))
            self.end_headers()
            self._chunk(b"a" * 1000) if chunked else self.wfile.write(b"a" * 1000)
            self.wfile.flush()
            time.sleep(0.2)
            self._reset()

        def act_garbage(self, _):
            self.wfile.write(b"this is not HTTP\r\n\r\n")
            self.close_connection = True

        def act_split(self, _):
            """Two lengths that disagree: a response-splitting attempt."""
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello")
            self.close_connection = True

        def _chunk(self, data):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def _reset(self):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

    return Handler


class SilentPeer:
    """Accepts connections and never says a word."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()
