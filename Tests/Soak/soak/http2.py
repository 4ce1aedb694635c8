"""An HTTP/2 client of many streams on the h2 library, within an event loop."""

import asyncio

import h2.config
import h2.connection
import h2.events

GOAWAY = 7


class StreamEnded(Exception):
    """The server ended a stream, or the connection below it."""


class Stream:
    def __init__(self):
        self.status = 0
        self.body = bytearray()
        self.end = None
        self.news = asyncio.Event()

    async def until(self, condition):
        while not condition():
            if self.end is not None:
                raise StreamEnded(self.end)
            self.news.clear()
            await self.news.wait()


class HTTP2Client:
    """The library takes a GOAWAY for the end of everything; what RFC 9113 section 6.8 says is that streams go on. So a graceful one is kept from it."""

    @classmethod
    async def open(cls, host, port, tls):
        self = cls()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=host)
        assert self._writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self._h2.initiate_connection()
        self._streams = {}
        #: No new streams here.
        self.is_ending = False
        self._flush()
        self._task = asyncio.create_task(self._read())
        return self

    def begin(self, fields, end):
        """Opens a stream and returns its number."""
        number = self._h2.get_next_available_stream_id()
        self._streams[number] = Stream()
        self._h2.send_headers(number, fields, end_stream=end)
        self._flush()
        return number

    async def status(self, number):
        stream = self._streams[number]
        await stream.until(lambda: stream.status)
        return stream.status

    async def body(self, number):
        """The whole body; the stream is forgotten."""
        stream = self._streams[number]
        await stream.until(lambda: stream.end == "")
        del self._streams[number]
        return bytes(stream.body)

    async def echo(self, number, data):
        """Sends bytes and takes as many back."""
        self._h2.send_data(number, data)
        self._flush()
        stream = self._streams[number]
        await stream.until(lambda: len(stream.body) >= len(data))
        received = bytes(stream.body[: len(data)])
        del stream.body[: len(data)]
        return received

    def close(self):
        self._task.cancel()
        self._writer.close()

    def _flush(self):
        if data := self._h2.data_to_send():
            self._writer.write(data)

    async def _read(self):
        reason = "the server closed the connection"
        try:
            while True:
                head = await self._reader.readexactly(9)
                payload = await self._reader.readexactly(int.from_bytes(head[:3]))
                if head[3] == GOAWAY:
                    self.is_ending = True
                    if payload[4:8] == b"\0\0\0\0":
                        continue
                for event in self._h2.receive_data(head + payload):
                    self._take(event)
                self._flush()
        except (asyncio.IncompleteReadError, ConnectionError, h2.exceptions.ProtocolError) as error:
            reason = f"{reason}: {type(error).__name__} {error}"
        self.is_ending = True
        for stream in self._streams.values():
            if stream.end is None:
                stream.end = reason
            stream.news.set()

    def _take(self, event):
        stream = self._streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if stream is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            stream.status = int(dict(event.headers)[":status"])
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
        elif isinstance(event, h2.events.StreamEnded):
            stream.end = ""
        elif isinstance(event, h2.events.StreamReset):
            stream.end = f"stream reset with {event.error_code}"
        stream.news.set()
