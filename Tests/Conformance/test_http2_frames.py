"""HTTP/2 frames that break the rules of RFC 9113 sections 4 to 6 and RFC 7541: an error of the stream or GOAWAY, never an answer."""

import struct

import pytest
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame, PingFrame, PriorityFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame


def frame(kind, flags, stream, payload, length=None):
    """A frame as bytes, with a length that need not be the payload's."""
    return struct.pack(">I", len(payload) if length is None else length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def unfinished(connection, stream=1):
    headers = connection.headers_frame(connection.request_fields(), stream)
    headers.flags.discard("END_HEADERS")
    return headers


def begun(connection):
    """A request that goes on."""
    return connection.headers_frame(connection.request_fields(method="POST"), end_stream=False).serialize()


#: What is sent, and the errors that are right for it; None for any.
CONNECTION_ERRORS = {
    "DATA on stream 0": (lambda c: frame(0, 0, 0, b"x"), {"PROTOCOL_ERROR"}),
    "HEADERS on stream 0": (lambda c: frame(1, 5, 0, b"\x82"), {"PROTOCOL_ERROR"}),
    "HEADERS on an even stream": (lambda c: c.headers_frame(c.request_fields(), 2).serialize(), {"PROTOCOL_ERROR"}),
    "DATA on an idle stream": (lambda c: DataFrame(5, b"x").serialize(), {"PROTOCOL_ERROR", "STREAM_CLOSED"}),
    "RST_STREAM on an idle stream": (lambda c: RstStreamFrame(5, 8).serialize(), {"PROTOCOL_ERROR"}),
    "WINDOW_UPDATE on an idle stream": (lambda c: WindowUpdateFrame(5, 10).serialize(), {"PROTOCOL_ERROR"}),
    "WINDOW_UPDATE of 0 for the connection": (lambda c: frame(8, 0, 0, bytes(4)), {"PROTOCOL_ERROR"}),
    "window of the connection beyond its limit": (lambda c: WindowUpdateFrame(0, (1 << 31) - 1).serialize() * 2, {"FLOW_CONTROL_ERROR"}),
    "WINDOW_UPDATE of 3 bytes": (lambda c: frame(8, 0, 0, bytes(3)), {"FRAME_SIZE_ERROR"}),
    "SETTINGS of 5 bytes": (lambda c: frame(4, 0, 0, bytes(5)), {"FRAME_SIZE_ERROR"}),
    "SETTINGS on a stream": (lambda c: frame(4, 0, 1, b""), {"PROTOCOL_ERROR"}),
    "acknowledgement with settings": (lambda c: frame(4, 1, 0, bytes(6)), {"FRAME_SIZE_ERROR"}),
    "window setting beyond its limit": (lambda c: SettingsFrame(0, settings={4: 1 << 31}).serialize(), {"FLOW_CONTROL_ERROR", "PROTOCOL_ERROR"}),
    "frame size setting too small": (lambda c: SettingsFrame(0, settings={5: 100}).serialize(), {"PROTOCOL_ERROR"}),
    "frame size setting too large": (lambda c: SettingsFrame(0, settings={5: 1 << 24}).serialize(), {"PROTOCOL_ERROR"}),
    "push setting of 2": (lambda c: SettingsFrame(0, settings={2: 2}).serialize(), {"PROTOCOL_ERROR"}),
    "PING of 7 bytes": (lambda c: frame(6, 0, 0, bytes(7)), {"FRAME_SIZE_ERROR"}),
    "PING on a stream": (lambda c: frame(6, 0, 1, bytes(8)), {"PROTOCOL_ERROR"}),
    "GOAWAY on a stream": (lambda c: frame(7, 0, 1, bytes(8)), {"PROTOCOL_ERROR"}),
    "PUSH_PROMISE of a client": (lambda c: frame(5, 4, 1, struct.pack(">I", 2) + b"\x82"), {"PROTOCOL_ERROR"}),
    "CONTINUATION without HEADERS": (lambda c: frame(9, 4, 1, b"\x82"), {"PROTOCOL_ERROR"}),
    "PING between HEADERS and CONTINUATION": (lambda c: unfinished(c).serialize() + PingFrame(0, bytes(8)).serialize(), {"PROTOCOL_ERROR"}),
    "another stream between HEADERS and CONTINUATION": (lambda c: unfinished(c).serialize() + frame(9, 4, 3, b""), {"PROTOCOL_ERROR"}),
    "padding longer than the frame": (lambda c: frame(1, 0x0D, 1, b"\xff\x82"), {"PROTOCOL_ERROR"}),
    "frame beyond the size limit": (lambda c: frame(6, 0, 0, bytes(8), length=(1 << 24) - 1), {"FRAME_SIZE_ERROR", "PROTOCOL_ERROR"}),
    "padding longer than DATA": (lambda c: begun(c) + frame(0, 8, 1, b"\x09ab"), {"PROTOCOL_ERROR"}),
    "RST_STREAM on stream 0": (lambda c: frame(3, 0, 0, bytes(4)), {"PROTOCOL_ERROR"}),
    "RST_STREAM of 3 bytes": (lambda c: begun(c) + frame(3, 0, 1, bytes(3)), {"FRAME_SIZE_ERROR"}),
    "PRIORITY on stream 0": (lambda c: frame(2, 0, 0, bytes(5)), {"PROTOCOL_ERROR"}),
    "priority of a head cut off": (lambda c: frame(1, 0x25, 1, b"\x00"), {"FRAME_SIZE_ERROR", "PROTOCOL_ERROR"}),
    "GOAWAY of 7 bytes": (lambda c: frame(7, 0, 0, bytes(7)), {"FRAME_SIZE_ERROR"}),
    "an unknown frame between HEADERS and CONTINUATION": (lambda c: unfinished(c).serialize() + frame(0xAB, 0, 0, b""), {"PROTOCOL_ERROR"}),
    "a setting that moves a window beyond its limit": (
        lambda c: begun(c) + frame(8, 0, 1, struct.pack(">I", 0x7FFF0000)) + SettingsFrame(0, settings={4: 0x7FFFFFFF}).serialize(),
        {"FLOW_CONTROL_ERROR"},
    ),
    "index 0": (lambda c: c.block_frame(b"\x80").serialize(), {"COMPRESSION_ERROR"}),
    "index beyond the table": (lambda c: c.block_frame(b"\xff\xff\x03").serialize(), {"COMPRESSION_ERROR"}),
    "integer without an end": (lambda c: c.block_frame(b"\xff" + b"\xff" * 20).serialize(), {"COMPRESSION_ERROR"}),
    "text cut off": (lambda c: c.block_frame(b"\x82\x00\x05ab").serialize(), {"COMPRESSION_ERROR"}),
    "Huffman code with the end symbol": (lambda c: c.block_frame(b"\x82\x00\x84\xff\xff\xff\xff\x01a").serialize(), {"COMPRESSION_ERROR"}),
    "table size in the middle": (lambda c: c.block_frame(b"\x82\x20\x84").serialize(), {"COMPRESSION_ERROR"}),
    "table size beyond what was allowed": (lambda c: c.block_frame(b"\x3f\xe1\xff\xff\x7f\x82").serialize(), {"COMPRESSION_ERROR"}),
}


@pytest.mark.parametrize("name", CONNECTION_ERRORS)
def test_an_error_of_the_connection_ends_it(target, name):
    data, errors = CONNECTION_ERRORS[name]
    with target.connect() as connection:
        connection.settle(lambda outcome: outcome.acknowledged, 2)
        connection.raw(data(connection))
        outcome = connection.settle(seconds=5)
        assert outcome.closed, str(outcome)
        # Peers may end it without GOAWAY, which is only a "should".
        silent = target.name != "postern"
        assert outcome.goaway in errors or (silent and outcome.goaway is None), str(outcome)
        assert not outcome.statuses or outcome.statuses[1] >= 400, str(outcome)
    assert not target.arrived()


STREAM_ERRORS = {
    "WINDOW_UPDATE of 0": lambda c: frame(8, 0, 1, bytes(4)),
    "window beyond its limit": lambda c: WindowUpdateFrame(1, (1 << 31) - 1).serialize() * 2,
    "a head in the middle that does not end": lambda c: c.headers_frame([("x-a", "1")], end_stream=False).serialize(),
    "PRIORITY of 4 bytes": lambda c: frame(2, 0, 1, bytes(4)),
    "RST_STREAM of 3 bytes": lambda c: frame(3, 0, 1, bytes(3)),
}


@pytest.mark.parametrize("name", STREAM_ERRORS)
def test_an_error_of_a_stream_ends_the_stream_or_the_connection(target, name):
    with target.connect() as connection:
        connection.send(connection.headers_frame(connection.request_fields(method="POST"), end_stream=False))
        connection.raw(STREAM_ERRORS[name](connection))
        outcome = connection.settle(lambda outcome: outcome.refused(), 5)
        assert outcome.refused(), str(outcome)
    assert not target.arrived()


def test_a_stream_id_lower_than_one_before(target):
    with target.connect() as connection:
        connection.request(stream=5).answered(5)
        connection.request(stream=3)
        outcome = connection.settle(lambda outcome: outcome.refused(3), 5)
        assert outcome.refused(3) and 3 not in outcome.statuses, str(outcome)
    assert len(target.arrived()) == 1


def test_a_head_behind_the_end_of_a_stream(target):
    with target.connect() as connection:
        connection.request().answered()
        connection.request()
        outcome = connection.settle(lambda outcome: outcome.resets or outcome.goaway, 3)
        assert outcome.resets.get(1) == "STREAM_CLOSED" or outcome.goaway in ("STREAM_CLOSED", "PROTOCOL_ERROR") or outcome.closed, str(outcome)
    assert len(target.arrived()) == 1


def test_a_window_that_is_made_smaller(target):
    """Windows may become negative (RFC 9113 section 6.9.2); nothing is sent until they are open again."""
    with target.connect(settings={4: 20}) as connection:
        connection.request(connection.request_fields("/large"))
        connection.settle(lambda outcome: len(outcome.bodies.get(1, b"")) >= 20, 3)
        connection.send(SettingsFrame(0, settings={4: 5}))
        connection.send(WindowUpdateFrame(1, 15))
        outcome = connection.settle(lambda outcome: len(outcome.bodies.get(1, b"")) > 20, 1)
        assert len(outcome.bodies[1]) == 20, str(outcome)
        connection.send(WindowUpdateFrame(1, 7))
        outcome = connection.settle(lambda outcome: len(outcome.bodies.get(1, b"")) >= 27, 3)
        assert len(outcome.bodies[1]) == 27, str(outcome)
    target.arrived()


def test_data_behind_the_end_of_a_stream(target):
    with target.connect() as connection:
        connection.request().answered()
        connection.send(DataFrame(1, b"more"))
        outcome = connection.settle(lambda outcome: outcome.resets or outcome.goaway, 3)
        assert outcome.resets.get(1) == "STREAM_CLOSED" or outcome.goaway in ("STREAM_CLOSED", "PROTOCOL_ERROR"), str(outcome)


@pytest.mark.parametrize("preface", [b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", bytes(24)], ids=["wrong", "http1", "zeros"])
def test_a_wrong_preface_ends_the_connection(target, preface):
    with target.connect(preface=preface) as connection:
        outcome = connection.settle(seconds=5)
        assert outcome.closed and not outcome.statuses, str(outcome)


def test_unknown_frames_and_settings_are_ignored(target):
    with target.connect(settings={0x7777: 1}) as connection:
        connection.raw(frame(0xAB, 0xFF, 0, b"whatever") + frame(0xAB, 0, 1, b""))
        connection.send(PriorityFrame(7, depends_on=0, stream_weight=10))
        outcome = connection.request().answered()
        assert outcome.statuses == {1: 200}, str(outcome)
    target.arrived()


def test_a_field_block_in_some_pieces(target):
    with target.connect() as connection:
        block = connection.encoder.encode(connection.request_fields(extra=[("x-long", "a" * 2000)]), huffman=False)
        first = HeadersFrame(1, block[:10])
        first.flags.add("END_STREAM")
        pieces = [ContinuationFrame(1, block[position : position + 600]) for position in range(10, len(block), 600)]
        pieces[-1].flags.add("END_HEADERS")
        connection.send(first, *pieces)
        outcome = connection.answered()
        assert outcome.statuses == {1: 200}, str(outcome)
    (message,) = target.arrived()
    assert message.values(b"x-long") == [b"a" * 2000]
