"""Malformed HTTP/2 requests (RFC 9113 section 8): refused, and nothing of them reaches an application that speaks HTTP/1.1."""

import pytest
from hyperframe.frame import DataFrame

FIELD_CASES = {
    "no method": lambda c: c.request_fields()[1:],
    "no scheme": lambda c: [c.request_fields()[0], *c.request_fields()[2:]],
    "no path": lambda c: c.request_fields()[:3],
    "empty path": lambda c: c.request_fields(""),
    "empty method": lambda c: c.request_fields(method=""),
    "two methods": lambda c: [(":method", "GET"), *c.request_fields()],
    "two paths": lambda c: [*c.request_fields(), (":path", "/second")],
    "two authorities": lambda c: [*c.request_fields(), (":authority", "other.example")],
    "unknown pseudo-header": lambda c: [*c.request_fields(), (":unknown", "x")],
    "pseudo-header of a response": lambda c: [*c.request_fields(), (":status", "200")],
    "pseudo-header after a field": lambda c: [("x-first", "1"), *c.request_fields()],
    "protocol without CONNECT": lambda c: [*c.request_fields(), (":protocol", "websocket")],
    "upper-case name": lambda c: c.request_fields(extra=[("X-Upper", "1")]),
    "empty name": lambda c: c.request_fields(extra=[("", "1")]),
    "space in a name": lambda c: c.request_fields(extra=[("a b", "1")]),
    "colon in a name": lambda c: c.request_fields(extra=[("a:b", "1")]),
    "line end in a name": lambda c: c.request_fields(extra=[("a\r\nb", "1")]),
    "byte above 127 in a name": lambda c: c.request_fields(extra=[(b"a\xe4", b"1")]),
    "line end in a value": lambda c: c.request_fields(extra=[("x", "1\r\ny: 2")]),
    "line feed in a value": lambda c: c.request_fields(extra=[("x", "1\ny: 2")]),
    "NUL in a value": lambda c: c.request_fields(extra=[("x", "1\0")]),
    "connection": lambda c: c.request_fields(extra=[("connection", "close")]),
    "keep-alive": lambda c: c.request_fields(extra=[("keep-alive", "1")]),
    "proxy-connection": lambda c: c.request_fields(extra=[("proxy-connection", "close")]),
    "transfer-encoding": lambda c: c.request_fields(extra=[("transfer-encoding", "chunked")]),
    "upgrade": lambda c: c.request_fields(extra=[("upgrade", "websocket")]),
    "te other than trailers": lambda c: c.request_fields(extra=[("te", "gzip")]),
    "line end in the path": lambda c: c.request_fields("/first HTTP/1.1\r\nx: y\r\n\r\nGET /smuggled"),
    "space in the path": lambda c: c.request_fields("/first /smuggled"),
    "path without a slash": lambda c: c.request_fields("first"),
    "absolute form as path": lambda c: c.request_fields("https://other.example/first"),
    "line end in the method": lambda c: c.request_fields(method="GET /smuggled HTTP/1.1\r\nx: y"),
    "space in the method": lambda c: c.request_fields(method="GET /smuggled"),
    "line end in the authority": lambda c: [(n, v + "\r\nx: y" if n == ":authority" else v) for n, v in c.request_fields()],
    "user information in the authority": lambda c: [(n, "a@" + v if n == ":authority" else v) for n, v in c.request_fields()],
    "path in the authority": lambda c: [(n, v + "/x" if n == ":authority" else v) for n, v in c.request_fields()],
    "Host that differs from the authority": lambda c: c.request_fields(extra=[("host", "other.example")]),
    "two Hosts that differ": lambda c: c.request_fields(extra=[("host", c.authority), ("host", "other.example")]),
    "two lengths": lambda c: c.request_fields(extra=[("content-length", "0"), ("content-length", "5")]),
    "length of letters": lambda c: c.request_fields(extra=[("content-length", "x")]),
    "CONNECT with a path": lambda c: c.request_fields(method="CONNECT"),
    "fragment in the path": lambda c: c.request_fields("/first#fragment"),
}


@pytest.mark.parametrize("name", FIELD_CASES)
def test_malformed_fields_are_refused(target, name):
    with target.connect() as connection:
        outcome = connection.request(FIELD_CASES[name](connection)).answered()
        assert outcome.refused(), str(outcome)
    assert not target.arrived()


@pytest.mark.parametrize(
    ("length", "body"), [("5", b""), ("5", b"1234"), ("5", b"123456"), ("0", b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n")], ids=lambda value: repr(value)[:12]
)
def test_a_length_that_is_not_that_of_the_body(target, length, body):
    """Whatever was begun towards the application is given up, and is never taken for two requests."""
    with target.connect() as connection:
        fields = connection.request_fields(method="POST", extra=[("content-length", length)])
        outcome = connection.request(fields, body=body).answered()
        assert outcome.refused(), str(outcome)
    messages = target.arrived()
    assert not [message for message in messages if message.method == b"POST" and message.body != body[: int(length)]], messages
    assert not [message for message in messages if b"smuggled" in message.target]


def test_trailers_with_a_pseudo_header(target):
    with target.connect() as connection:
        connection.send(connection.headers_frame(connection.request_fields(method="POST"), end_stream=False))
        connection.send(DataFrame(1, b"hello"), connection.headers_frame([(":path", "/smuggled")]))
        outcome = connection.answered()
        assert outcome.refused(), str(outcome)
    assert not target.arrived()


def test_well_formed_requests_pass(target):
    """What the cases above are derived from is itself answered, crumbs of a cookie and a body included."""
    with target.connect() as connection:
        fields = connection.request_fields(method="POST", extra=[("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers"), ("x-empty", "")])
        outcome = connection.request(fields, body=b"hello").answered()
        assert outcome.statuses == {1: 200}, str(outcome)
    (message,) = target.arrived()
    assert (message.fault, message.method, message.target, message.body) == (None, b"POST", b"/first", b"hello")
    assert message.values(b"cookie") == [b"a=1; b=2"]
