"""HTTP/2 towards clients: requests, denials, limits, WebSockets by extended CONNECT, and the same identity as over HTTP/1.1."""

import subprocess
import threading

import h2.errors
import h2.settings
import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, TextMessage
from websockets.sync.server import serve

from support import configuration
from support.client import curl
from support.http2 import HTTP2Connection
from support.network import wait_until


def connect(server, host="public", **options):
    return HTTP2Connection(server.port, f"{host}.localhost", server.ca, **options)


def test_curl_speaks_http2(embedded):
    answer = subprocess.run(
        ["curl", "-sS", "--http2", "--cacert", embedded.server.ca, "-o", "/dev/null", "-w", "%{http_version} %{http_code}", embedded.url("public")],
        capture_output=True,
        text=True,
    )
    assert answer.stdout == "2 200", answer.stderr


def test_http11_stays_for_whoever_asks_for_it(embedded):
    assert curl(embedded.server, embedded.url("public"), "--http1.1").status == 200


def test_many_requests_share_a_connection(embedded):
    with connect(embedded.server) as connection:
        numbers = [connection.request(f"/shared/{number}") for number in range(90)]
        for number in reversed(numbers):
            assert connection.response(number).status == 200
    assert all(embedded.upstream.seen(f"/shared/{number}") for number in range(90))


def test_bodies_go_both_ways(embedded):
    with connect(embedded.server) as connection:
        body = bytes(range(256)) * 200
        number = connection.request("/body", method="POST", headers=[("content-length", str(len(body)))], end=False)
        for start in range(0, len(body), 10_000):
            connection.send(number, body[start : start + 10_000], end=start + 10_000 >= len(body))
        assert connection.response(number).status == 200
    assert embedded.upstream.seen("/body")[-1]["body_length"] == len(body)


def test_a_body_without_length_arrives_whole(embedded):
    with connect(embedded.server) as connection:
        number = connection.request("/chunked-body", method="POST", body=b"x" * 5000, end=False)
        connection.send(number, b"y" * 5000, end=True)
        assert connection.response(number).status == 200
    assert embedded.upstream.seen("/chunked-body")[-1]["body_length"] == 10_000


def test_expect_continue_is_answered(embedded):
    with connect(embedded.server) as connection:
        number = connection.request("/continue", method="POST", headers=[("expect", "100-continue"), ("content-length", "2")], end=False)
        connection.until(lambda: connection.streams[number].informational)
        assert connection.streams[number].informational[0][":status"] == "100"
        connection.send(number, b"ok", end=True)
        assert connection.response(number).status == 200


def test_identity_is_the_same_as_over_http11(embedded, signed_in):
    with connect(embedded.server, "app") as connection:
        answer = connection.get("/identity", headers=[("cookie", signed_in.cookie_header("app")), ("x-pomerium-jwt-assertion", "forged")])
    assert answer.status == 200
    headers = {name.lower(): value for name, value in embedded.upstream.seen("/identity")[-1]["headers"]}
    assert headers["x-pomerium-jwt-assertion"].count(".") == 2
    assert headers["x-pomerium-claim-email"] == "ann@example.com"
    assert "_pomerium" not in headers.get("cookie", "")


def test_a_denial_has_its_form(embedded):
    with connect(embedded.server, "app") as connection:
        answer = connection.get("/", headers=[("accept", "application/json")])
        assert answer.status == 401 and b"login_url" in answer.body
        answer = connection.get("/t/Method", method="POST", headers=[("content-type", "application/grpc"), ("te", "trailers")])
        assert answer.headers["grpc-status"] == "16"


def test_another_authority_on_the_connection_is_another_route(embedded):
    """Browsers reuse a connection for every name that its certificate has."""
    with connect(embedded.server, "public") as connection:
        assert connection.get("/").status == 200
        assert connection.get("/", authority=f"app.localhost:{embedded.server.port}").status in (302, 401)
        assert connection.get("/", authority=f"unknown.localhost:{embedded.server.port}").status == 404


@pytest.mark.parametrize(
    "headers",
    [
        [("connection", "close")],
        [("transfer-encoding", "chunked")],
        [("te", "gzip")],
        [("host", "other.localhost")],
        [("content-length", "x")],
        [("x-under_score", "1")],
    ],
    ids=lambda headers: headers[0][0],
)
def test_bad_fields_reach_no_application(embedded, headers):
    before = len(embedded.upstream.seen("/bad-field"))
    with connect(embedded.server, validate=False) as connection:
        answer = connection.get("/bad-field", headers=headers)
        assert answer.status == 400 or answer.reset is not None or connection.is_closed
    assert len(embedded.upstream.seen("/bad-field")) == before


def test_early_answers_stop_the_request_without_an_error(embedded):
    with connect(embedded.server) as connection:
        unknown = f"unknown.localhost:{embedded.server.port}"
        number = connection.request("/", method="POST", headers=[("content-length", "100000")], end=False, authority=unknown)
        stream = connection.streams[number]
        connection.until(lambda: stream.ended and stream.reset is not None)
        assert stream.status == 404 and stream.body
        assert stream.reset == h2.errors.ErrorCodes.NO_ERROR


def test_without_tls_prior_knowledge_is_enough(start_server, upstream):
    config = configuration.standard(upstream, insecure_server=True)
    server = start_server(config)
    with HTTP2Connection(config.port, "public.localhost") as connection:
        assert connection.get("/prior").status == 200


@pytest.fixture
def websocket_app():
    def echo(socket):
        for message in socket:
            socket.send(message)

    with serve(echo, "127.0.0.1", 0, max_size=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.socket.getsockname()[1]
        server.shutdown()


def test_websocket_over_http2(start_server, upstream, websocket_app):
    config = configuration.standard(upstream)
    config.route("ws", f"http://127.0.0.1:{websocket_app}", allow_websockets=True, allow_public_unauthenticated_access=True)
    server = start_server(config)
    with connect(server, "ws") as connection:
        assert connection.setting(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL) == 1
        number = connection.request(
            "/", method="CONNECT", pseudo=[(":protocol", "websocket")], headers=[("sec-websocket-version", "13")], end=False
        )
        stream = connection.started(number)
        assert stream.status == 200
        websocket = Connection(ConnectionType.CLIENT)
        texts = []
        for message in (TextMessage("hello"), BytesMessage(b"\0\1\2" * 1000)):
            connection.send(number, websocket.send(message))
            while len(texts) == 0 or not texts[-1].message_finished:
                connection.until(lambda: stream.body)
                websocket.receive_data(stream.body)
                stream.body = b""
                texts += list(websocket.events())
            received = texts[0].data if isinstance(message, TextMessage) else b"".join(bytes(part.data) for part in texts)
            assert received == message.data
            texts.clear()
        connection.send(number, websocket.send(CloseConnection(1000)))
        assert connection.response(number).ended


def test_websocket_over_http2_needs_the_routes_consent(embedded):
    with connect(embedded.server) as connection:
        assert connection.setting(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL) == 1
        number = connection.request("/", method="CONNECT", pseudo=[(":protocol", "websocket")], end=False)
        assert connection.response(number).status == 403


def test_shutdown_says_goaway_and_lets_requests_end(start_server, upstream):
    server = start_server(configuration.standard(upstream))
    command = ["curl", "-sv", "--http2", "--cacert", server.ca, server.configuration.url("public", "/sleep?seconds=2")]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: upstream.seen("/sleep"), "the request is under way")
    server.stop()
    output, trace = client.communicate(timeout=20)
    assert client.returncode == 0 and "slept" in output, trace
