"""HTTP/2 frame by frame, so that what no library would send can be sent."""

import socket
import ssl
import time

from hpack import Decoder, Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ERRORS = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL",
    "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
]  # fmt: skip


class Outcome:
    """What came back so far: statuses and bodies by stream, resets by stream, the error of GOAWAY, whether the connection ended."""

    def __init__(self):
        self.statuses, self.bodies, self.resets, self.ended = {}, {}, {}, set()
        self.goaway, self.closed = None, False
        self.pongs = self.acknowledged = 0

    def __str__(self):
        return f"statuses {self.statuses}, resets {self.resets}, goaway {self.goaway}, {'closed' if self.closed else 'open'}"

    def refused(self, stream=1):
        """Whether a request came to nothing: reset, refused with a status, or the whole connection ended."""
        return stream in self.resets or 400 <= self.statuses.get(stream, 0) < 600 or self.goaway not in (None, "NO_ERROR") or self.closed


class Connection:
    def __init__(self, port, ca, authority, settings=None, preface=PREFACE, timeout=10):
        context = ssl.create_default_context(cafile=str(ca))
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.authority, self.outcome = authority, Outcome()
        self.encoder, self._decoder = Encoder(), Decoder()
        if settings and 1 in settings:
            self._decoder.max_allowed_table_size = settings[1]
        self._buffer, self._block, self._ends = b"", b"", False
        self.raw(preface)
        if preface == PREFACE:
            self.send(SettingsFrame(0, settings=settings or {}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def raw(self, data):
        """Sends bytes; False when the peer has ended the connection."""
        try:
            self.socket.sendall(data)
            return True
        except (OSError, ssl.SSLError):
            return False

    def send(self, *frames):
        return self.raw(b"".join(frame.serialize() for frame in frames))

    def request_fields(self, path="/first", method="GET", extra=()):
        return [(":method", method), (":scheme", "https"), (":authority", self.authority), (":path", path), *extra]

    def headers_frame(self, fields, stream=1, end_stream=True):
        frame = HeadersFrame(stream, self.encoder.encode(fields, huffman=False))
        frame.flags.add("END_HEADERS")
        if end_stream:
            frame.flags.add("END_STREAM")
        return frame

    def block_frame(self, block, stream=1, end_stream=True):
        """HEADERS with a field block that is given as bytes."""
        frame = HeadersFrame(stream, block)
        frame.flags.add("END_HEADERS")
        if end_stream:
            frame.flags.add("END_STREAM")
        return frame

    def request(self, fields=None, stream=1, body=None):
        self.send(self.headers_frame(fields or self.request_fields(), stream, body is None))
        if body is not None:
            data = DataFrame(stream, body)
            data.flags.add("END_STREAM")
            self.send(data)
        return self

    def settle(self, until=None, seconds=2.0):
        """Reads until a condition on the outcome holds, the connection ends, or the time is over."""
        deadline = time.monotonic() + seconds
        while not self.outcome.closed and not (until and until(self.outcome)):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self.socket.settimeout(max(left, 0.001))
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                break
            except (OSError, ssl.SSLError):
                data = b""
            if not data:
                self.outcome.closed = True
                break
            self._buffer += data
            self._read_frames()
        self.socket.settimeout(10)
        return self.outcome

    def answered(self, stream=1, seconds=5.0):
        """Reads until a stream has ended one way or the other."""
        return self.settle(lambda outcome: stream in outcome.ended or stream in outcome.resets or outcome.goaway not in (None, "NO_ERROR"), seconds)

    def _read_frames(self):
        while len(self._buffer) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self._buffer[:9]))
            if len(self._buffer) < 9 + length:
                return
            frame.parse_body(memoryview(self._buffer[9 : 9 + length]))
            self._buffer = self._buffer[9 + length :]
            self._take(frame)

    def _take(self, frame):
        outcome, stream = self.outcome, frame.stream_id
        if isinstance(frame, GoAwayFrame):
            # The first error counts; a graceful one may come before.
            if outcome.goaway in (None, "NO_ERROR"):
                outcome.goaway = _error(frame.error_code)
        elif isinstance(frame, RstStreamFrame):
            outcome.resets[stream] = _error(frame.error_code)
        elif isinstance(frame, (HeadersFrame, ContinuationFrame)):
            self._block = frame.data if isinstance(frame, HeadersFrame) else self._block + frame.data
            if isinstance(frame, HeadersFrame):
                self._ends = "END_STREAM" in frame.flags
            if "END_HEADERS" in frame.flags:
                fields = dict(self._decoder.decode(self._block))
                if ":status" in fields and int(fields[":status"]) >= 200:
                    outcome.statuses[stream] = int(fields[":status"])
                if self._ends:
                    outcome.ended.add(stream)
        elif isinstance(frame, DataFrame):
            outcome.bodies[stream] = outcome.bodies.get(stream, b"") + frame.data
            if "END_STREAM" in frame.flags:
                outcome.ended.add(stream)
        elif isinstance(frame, PingFrame) and "ACK" in frame.flags:
            outcome.pongs += 1
        elif isinstance(frame, SettingsFrame):
            if "ACK" in frame.flags:
                outcome.acknowledged += 1
            else:
                acknowledgement = SettingsFrame(0)
                acknowledgement.flags.add("ACK")
                self.send(acknowledgement)

    def open_window(self, stream, by=1 << 20):
        return self.send(WindowUpdateFrame(stream, window_increment=by))


def _error(code):
    return ERRORS[code] if code < len(ERRORS) else str(code)
