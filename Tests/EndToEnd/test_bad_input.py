"""What a hostile client sends is refused, does not reach the application, and does not disturb others."""

import socket
import ssl
import time

import pytest

from support.client import RawConnection, WebClient, curl, is_sign_in
from support.people import ANN


def names(echo):
    return [name.lower().replace("_", "-") for name, _ in echo["headers"]]


@pytest.fixture(autouse=True)
def still_serving(embedded):
    """After every attack the server is the same process and answers."""
    before = embedded.server.pid
    yield
    assert curl(embedded.server, embedded.url("public", "/ping")).status == 200
    assert embedded.server.pid == before


def refused(embedded, data, statuses=(400,), host="public"):
    with RawConnection(embedded.server, host) as connection:
        connection.send(data.replace("HOST", connection.authority) if isinstance(data, str) else data)
        answer = connection.response()
        assert answer.status in statuses, (answer.status, answer.body[:200])
        return answer


@pytest.mark.parametrize(
    "request_text",
    [
        "GET\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nHost: other\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nNo colon\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nName : v\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\n folded: v\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nA: b\r\n folded\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nA: b\0c\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nA: b\rc\r\n\r\n",
        "GET /x-bad#fragment HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /x-bad y HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET x-bad HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /x-bad%2fslash HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /x-bad%5cslash HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /x-bad%00 HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "GET /x-bad%zz HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nContent-Length: +1\r\n\r\na",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /x-bad HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: user@HOST\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /x-bad HTTP/1.1\r\nHost: HOST\r\nX_Forwarded_User: root\r\n\r\n",
    ],
)
def test_malformed_requests_are_400(embedded, request_text):
    statuses = (400, 501) if "Transfer-Encoding: x" in request_text else (400,)
    refused(embedded, request_text, statuses)
    assert not [request for request in embedded.upstream.requests if "x-bad" in request["path"]]


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/1.10", "HTTP/one"])
def test_other_versions_are_refused(embedded, version):
    refused(embedded, f"GET / {version}\r\nHost: HOST\r\n\r\n", (400, 426, 505))


def test_a_header_block_that_is_too_large_is_431(embedded):
    big = "GET /x-big HTTP/1.1\r\nHost: HOST\r\n" + "".join(f"X-{n}: {'a' * 1000}\r\n" for n in range(300)) + "\r\n"
    refused(embedded, big, (431,))
    assert not embedded.upstream.seen("/x-big")


def test_too_many_header_fields_are_431(embedded):
    refused(embedded, "GET / HTTP/1.1\r\nHost: HOST\r\n" + "".join(f"a{n}: b\r\n" for n in range(5000)) + "\r\n", (431,))


def test_a_target_that_is_too_long_is_refused(embedded):
    refused(embedded, f"GET /{'a' * 200_000} HTTP/1.1\r\nHost: HOST\r\n\r\n", (414, 431, 400))


def test_an_endless_header_block_is_cut_off(embedded):
    with RawConnection(embedded.server) as connection:
        connection.send(f"GET / HTTP/1.1\r\nHost: {connection.authority}\r\nX: ")
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                connection.send(b"a" * 65536)
                sent += 65536
        except (ConnectionError, ssl.SSLError, TimeoutError):
            pass
        assert sent < 32 * 1024 * 1024


def test_bytes_that_are_not_tls_end_the_connection(embedded):
    with socket.create_connection(("127.0.0.1", embedded.server.port), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b""
        try:
            while block := plain.recv(4096):
                data += block
        except ConnectionError:
            pass
        assert b"200 OK" not in data


def test_a_request_for_another_host_than_the_connections_is_not_mixed_up(embedded):
    with RawConnection(embedded.server, "public") as connection:
        connection.send(f"GET /x-misdirected HTTP/1.1\r\nHost: app.localhost:{embedded.server.port}\r\nAccept: application/json\r\n\r\n")
        assert connection.response().status in (401, 421)
    assert not embedded.upstream.seen("/x-misdirected")


@pytest.mark.parametrize(
    ("sent", "seen"),
    [("/a/../b", "/b"), ("/a/./b", "/a/b"), ("//a//b", "/a/b"), ("/%61", None), ("/a/%2e%2e/b", "/b"), ("/../../etc/passwd", "/etc/passwd")],
)
def test_the_application_sees_the_path_that_was_decided_on(embedded, sent, seen):
    with RawConnection(embedded.server) as connection:
        answer = connection.request(sent, headers=["Accept: application/json"]).response()
        assert answer.status in (200, 400)
        if answer.status == 200 and seen is not None:
            assert answer.json()["path"] == seen


@pytest.mark.parametrize("path", ["/only/../secret", "/only/%2e%2e/secret", "/only/..;/secret", "//only/../secret", "/only\\..\\secret"])
def test_a_path_cannot_leave_its_route(embedded, path):
    with RawConnection(embedded.server, "paths") as connection:
        answer = connection.request(path).response()
        if answer.status == 200:
            assert answer.json()["path"].startswith("/only/") and "/../" not in answer.json()["path"]
        else:
            assert answer.status in (400, 404)


FORGED = "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6InJvb3QifQ."


@pytest.mark.parametrize(
    "name",
    [
        "X-Pomerium-Jwt-Assertion", "x-pomerium-jwt-assertion", "X-POMERIUM-JWT-ASSERTION", "x-PoMeRiUm-JwT-aSsErTiOn",
        "X-Pomerium-Claim-Email", "X-Pomerium-Claim-Groups", "X-Pomerium-Claim-Other", "X-Pomerium-Jwt-Assertion-For", "X-Pomerium-Anything",
    ],
)
@pytest.mark.parametrize("host", ["public", "plain", "app"])
def test_forged_identity_headers_never_arrive(embedded, signed_in, name, host):
    signed_in.get(embedded.url(host))
    with RawConnection(embedded.server, host) as connection:
        cookie = signed_in.cookie_header(host)
        headers = [f"{name}: {FORGED}", f"{name}: {FORGED}", *([f"Cookie: {cookie}"] if cookie else [])]
        echo = connection.request("/forged", headers=headers).response().json()
    assert FORGED not in str(echo["headers"])
    assert names(echo).count("x-pomerium-jwt-assertion") <= 1


@pytest.mark.parametrize("name", ["x_pomerium_jwt_assertion", "X_Pomerium-Jwt_Assertion", "X-Pomerium_Claim_Email"])
def test_spellings_that_applications_fold_together_never_arrive(embedded, name):
    with RawConnection(embedded.server) as connection:
        answer = connection.request("/folded", headers=[f"{name}: {FORGED}"]).response()
        assert answer.status == 400 or FORGED not in str(answer.json()["headers"])


@pytest.mark.parametrize("connection_header", ["x-pomerium-jwt-assertion", "close, X-Pomerium-Jwt-Assertion", "x-pomerium-claim-email", "keep-alive, cookie"])
def test_connection_options_cannot_remove_our_headers(embedded, signed_in, connection_header):
    with RawConnection(embedded.server, "app") as connection:
        headers = [f"Connection: {connection_header}", f"Cookie: {signed_in.cookie_header('app')}", "Accept: application/json"]
        answer = connection.request("/hop", headers=headers).response()
    if answer.status == 400:
        return
    sent = names(answer.json())
    assert sent.count("x-pomerium-jwt-assertion") == 1 and sent.count("x-pomerium-claim-email") == 1


def test_the_session_cookie_never_reaches_the_application(embedded, signed_in):
    secret = [cookie for cookie in signed_in.session.cookies if cookie.domain.startswith("app.")]
    assert secret
    with RawConnection(embedded.server, "app") as connection:
        cookies = f"first=1; {signed_in.cookie_header('app')}; last=\"2; x\"; _pomerium_other=3"
        echo = connection.request("/cookies", headers=[f"Cookie: {cookies}", "Accept: application/json"]).response().json()
    arrived = "; ".join(value for name, value in echo["headers"] if name.lower() == "cookie")
    assert "first=1" in arrived and "last=" in arrived and "_pomerium_other=3" in arrived
    for cookie in secret:
        assert cookie.value not in str(echo)


@pytest.mark.parametrize(
    "value",
    ["", "x", "a.b.c", "=" * 10, "%00%ff", "A" * 3000, "é", '"quoted"', FORGED, "AAAA" * 50, "v1." + "A" * 86],
)
def test_garbage_cookies_lead_to_sign_in(embedded, signed_in, value):
    for name in {cookie.name for cookie in signed_in.session.cookies if cookie.domain.startswith("app.")} | {"_pomerium"}:
        with RawConnection(embedded.server, "app") as connection:
            answer = connection.request("/garbage-cookie", headers=[f"Cookie: {name}={value}", "Accept: text/html"]).response()
            assert answer.status in (302, 303), (name, answer.status)
    assert not embedded.upstream.seen("/garbage-cookie")


def test_a_changed_cookie_is_worth_nothing(embedded, signed_in):
    for cookie in [cookie for cookie in signed_in.session.cookies if cookie.domain.startswith("app.")]:
        for position in range(0, len(cookie.value), max(1, len(cookie.value) // 12)):
            flipped = "A" if cookie.value[position] != "A" else "B"
            value = cookie.value[:position] + flipped + cookie.value[position + 1 :]
            answer = curl(embedded.server, embedded.url("app", "/flipped"), headers=[f"Cookie: {cookie.name}={value}", "Accept: text/html"])
            assert answer.status in (302, 303), position
    assert not embedded.upstream.seen("/flipped")


def test_a_bad_cookie_does_not_hide_a_good_one(embedded, signed_in):
    cookie = signed_in.cookie_header("app")
    name = cookie.split("=")[0]
    for header in (f"{name}=garbage; {cookie}", f"{cookie}; {name}=garbage"):
        assert curl(embedded.server, embedded.url("app"), headers=[f"Cookie: {header}", "Accept: application/json"]).status == 200


def test_a_cookie_of_one_host_is_no_session_on_another(embedded, signed_in):
    cookie = signed_in.cookie_header("app")
    answer = curl(embedded.server, embedded.url("admins", "/x-moved"), headers=[f"Cookie: {cookie}", "Accept: text/html"])
    assert answer.status in (302, 303)
    assert not embedded.upstream.seen("/x-moved")


def test_x_forwarded_headers_are_ours(embedded):
    echo = curl(
        embedded.server, embedded.url("public"),
        headers=["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: http", "X-Forwarded-Host: evil.example", "X-Request-Id: forged"],
    ).json()
    headers = {name.lower(): value for name, value in echo["headers"]}
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-forwarded-for"].split(",")[-1].strip() == "127.0.0.1"
    assert headers.get("x-forwarded-host", "").split(",")[-1].strip() != "evil.example"


def test_pipelined_requests_are_answered_in_order(embedded):
    with RawConnection(embedded.server) as connection:
        connection.send("".join(f"GET /pipe/{n} HTTP/1.1\r\nHost: {connection.authority}\r\n\r\n" for n in range(8)))
        assert [connection.response().json()["path"] for _ in range(8)] == [f"/pipe/{n}" for n in range(8)]


def test_a_smuggled_second_request_is_a_request_of_its_own(embedded):
    with RawConnection(embedded.server, "public") as connection:
        inner = f"GET /x-smuggled HTTP/1.1\r\nHost: app.localhost:{embedded.server.port}\r\nAccept: application/json\r\n\r\n"
        connection.request("/outer", "POST", [f"Content-Length: {len(inner)}"], inner.encode())
        assert connection.response().json()["body_length"] == len(inner)
    assert not embedded.upstream.seen("/x-smuggled")


def test_one_connection_serves_many_requests(embedded):
    with RawConnection(embedded.server) as connection:
        for number in range(50):
            answer = connection.request(f"/keep/{number}", "POST", ["Content-Length: 3"], b"abc").response()
            assert answer.json()["path"] == f"/keep/{number}" and answer.json()["body"] == "abc"


def test_connection_close_is_honoured(embedded):
    with RawConnection(embedded.server) as connection:
        answer = connection.request("/", headers=["Connection: close"]).response()
        assert answer.status == 200
        assert connection.rest() == b""


def test_http_1_0_gets_one_answer(embedded):
    with RawConnection(embedded.server) as connection:
        connection.send(f"GET /old HTTP/1.0\r\nHost: {connection.authority}\r\n\r\n")
        data = connection.rest()
    assert data.startswith(b"HTTP/1.1 200") or data.startswith(b"HTTP/1.0 200") or b" 426 " in data.split(b"\r\n")[0]


def test_expect_continue(embedded):
    with RawConnection(embedded.server) as connection:
        connection.request("/expect", "POST", ["Content-Length: 5", "Expect: 100-continue"])
        time.sleep(0.3)
        connection.send(b"hello")
        assert connection.response().json()["body"] == "hello"


def test_chunked_bodies_arrive_whole(embedded):
    with RawConnection(embedded.server) as connection:
        connection.request("/chunks", "POST", ["Transfer-Encoding: chunked"], b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: x\r\n\r\n")
        assert connection.response().json()["body"] == "hello world"


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\nhelloX", b"-1\r\n", b"FFFFFFFFFFFFFFFFF\r\n", b"5 \nhello\r\n"])
def test_broken_chunks_end_the_request(embedded, body):
    with RawConnection(embedded.server) as connection:
        connection.request("/broken-chunks", "POST", ["Transfer-Encoding: chunked"], body)
        assert connection.response().status in (400, 502, 0)


def test_head_has_no_body(embedded):
    with RawConnection(embedded.server) as connection:
        answer = connection.request("/head", "HEAD").response("HEAD")
        assert answer.status == 200 and int(answer.header("Content-Length")) > 0
        assert connection.request("/after").response().json()["path"] == "/after"


def test_other_methods_pass_and_trace_does_not(embedded):
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        with RawConnection(embedded.server) as connection:
            assert connection.request("/method", method, ["Content-Length: 0"]).response().json()["method"] == method
    with RawConnection(embedded.server) as connection:
        assert connection.request("/x-connect", "CONNECT").response().status >= 400


def test_signing_in_still_works_after_all_this(embedded):
    assert "echo" in WebClient(embedded.server).sign_in(embedded.url("app"), ANN).text
    assert is_sign_in(WebClient(embedded.server).get(embedded.url("app"), follow=False))
