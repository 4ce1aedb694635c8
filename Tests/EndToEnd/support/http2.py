"""An HTTP/2 client over TLS, one stream at a time or many, on the h2 library."""

import socket
import ssl

import h2.config
import h2.connection
import h2.events
import h2.settings


class Stream:
    def __init__(self):
        self.headers = {}
        self.informational = []
        self.body = b""
        self.trailers = {}
        self.ended = False
        self.reset = None

    @property
    def status(self):
        return int(self.headers.get(":status", 0))


class HTTP2Connection:
    """`tls=False` speaks HTTP/2 without asking (prior knowledge)."""

    def __init__(self, port, host, ca=None, validate=True, timeout=15):
        self.authority = f"{host}:{port}"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        if ca is not None:
            context = ssl.create_default_context(cafile=str(ca))
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
            assert self.socket.selected_alpn_protocol() == "h2"
        config = h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=validate, normalize_outbound_headers=validate
        )
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.streams = {}
        self.goaway = None
        self.has_settings = False
        self.is_closed = False
        self.flush()

    def flush(self):
        if data := self.h2.data_to_send():
            self.socket.sendall(data)

    def request(self, path="/", method="GET", headers=(), body=None, end=True, authority=None, pseudo=()):
        number = self.h2.get_next_available_stream_id()
        self.streams[number] = Stream()
        fields = [(":method", method), (":scheme", "https"), (":path", path), (":authority", authority or self.authority), *pseudo, *headers]
        self.h2.send_headers(number, fields, end_stream=end and body is None)
        if body is not None:
            self.h2.send_data(number, body, end_stream=end)
        self.flush()
        return number

    def connect(self, authority, headers=()):
        number = self.h2.get_next_available_stream_id()
        self.streams[number] = Stream()
        self.h2.send_headers(number, [(":method", "CONNECT"), (":authority", authority), *headers])
        self.flush()
        return number

    def send(self, number, data, end=False):
        self.h2.send_data(number, data, end_stream=end)
        self.flush()

    def until(self, condition):
        """Reads until condition() is true or the connection ends."""
        while not condition() and not self.is_closed:
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                self.is_closed = True
                break
            for event in self.h2.receive_data(data):
                self._take(event)
            self.flush()

    def response(self, number):
        stream = self.streams[number]
        self.until(lambda: stream.ended or stream.reset is not None)
        return stream

    def started(self, number):
        stream = self.streams[number]
        self.until(lambda: stream.headers or stream.ended or stream.reset is not None)
        return stream

    def get(self, path="/", **options):
        return self.response(self.request(path, **options))

    def setting(self, code):
        self.until(lambda: self.has_settings)
        return self.h2.remote_settings.get(code)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _take(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        match event:
            case h2.events.ResponseReceived():
                stream.headers = dict(event.headers)
            case h2.events.InformationalResponseReceived():
                stream.informational.append(dict(event.headers))
            case h2.events.DataReceived():
                stream.body += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.TrailersReceived():
                stream.trailers = dict(event.headers)
            case h2.events.StreamEnded():
                stream.ended = True
            case h2.events.StreamReset():
                stream.reset = event.error_code
            case h2.events.RemoteSettingsChanged():
                self.has_settings = True
            case h2.events.ConnectionTerminated():
                self.goaway = event.error_code
