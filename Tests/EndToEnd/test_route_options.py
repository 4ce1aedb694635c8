"""What each option of a route does to requests and answers, and the global settings that routes inherit."""

import base64
import json
import socket
import threading

import pytest

from support import configuration
from support.client import RawConnection, WebClient, curl, decode_part
from support.people import ANN, EmbeddedProvider

PUBLIC = {"allow_public_unauthenticated_access": True}


class SwitchingApp:
    """Agrees to every upgrade and echoes what follows; other requests get a fixed answer."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    @staticmethod
    def _answer(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            if not (block := connection.recv(4096)):
                return
            data += block
        upgrade = next((line.split(b":", 1)[1].strip() for line in data.split(b"\r\n") if line.lower().startswith(b"upgrade:")), None)
        if upgrade is None:
            location = b"Location: http://internal.test/next\r\nX-Frame-Options: DENY\r\nX-Kept: 1\r\n"
            connection.sendall(b"HTTP/1.1 302 Found\r\n" + location + b"Content-Length: 0\r\n\r\n")
            return connection.close()
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n\r\n")
        while block := connection.recv(4096):
            connection.sendall(block)

    def close(self):
        self._socket.close()


class Options:
    def __init__(self, directory, upstream, start):
        self.upstream = upstream
        self.switching = SwitchingApp()
        token = directory / "token"
        token.write_text("service-token\n")
        config = configuration.standard(
            upstream, allow_upgrades=["custom/1"], set_response_headers={"X-Global": "g", "X-Both": "global"}, xff_num_trusted_hops=0
        )
        up, switch = upstream.url, self.switching.url
        config.route("rewritten", up, prefix="/api/", prefix_rewrite="/v2/", host_rewrite="inner.test", **PUBLIC)
        config.route("by-header", up, host_rewrite_header="X-Which", **PUBLIC)
        config.route("by-path", up, host_path_regex_rewrite_pattern="^/([^/]+)/.*$", host_path_regex_rewrite_substitution="\\1", **PUBLIC)
        config.route("preserved", up, preserve_host_header=True, **PUBLIC)
        config.route("regex", up, regex_rewrite_pattern="^/item/(\\d+)$", regex_rewrite_substitution="/things/\\1", **PUBLIC)
        config.route("answers", switch, rewrite_response_headers=[{"header": "Location", "prefix": "http://internal.test/", "value": "/"}], **PUBLIC)
        config.route("headers", switch, set_response_headers={"X-Both": "route", "X-Frame-Options": "SAMEORIGIN"}, **PUBLIC)
        config.route("no-headers", switch, set_response_headers={"disable": "true"}, **PUBLIC)
        config.routes.append({"from": config.url("moved", ""), "redirect": {"host_redirect": "new.test", "path_redirect": "/x", "response_code": 308, "strip_query": True}, **PUBLIC})
        config.routes.append({"from": config.url("fixed", ""), "response": {"status": 418, "body": "teapot"}, "set_response_headers": {"X-Own": "1"}, **PUBLIC})
        config.route("inherits", switch, **PUBLIC)
        config.route("websocket", switch, allow_websockets=True, **PUBLIC)
        config.route("spdy", switch, allow_spdy=True, allow_upgrades=[], **PUBLIC)
        config.route("cluster", switch, kubernetes_service_account_token_file=str(token), **PUBLIC)
        config.route("kubernetes", up, kubernetes_service_account_token_file=str(token))
        config.route("idle", up, idle_timeout="1s", **PUBLIC)
        config.route("cors", up, cors_allow_preflight=True)
        config.route("nobody", up, policy=[{"allow": {"or": [{"email": {"is": "else@example.com"}}]}}])
        config.route("told", up, policy=[{"allow": {"or": [{"email": {"is": "else@example.com"}}]}}], show_error_details=True)
        config.route("uri", up, pass_identity_headers=True, jwt_issuer_format="uri", description="The <b> application", logo_url="https://cdn.test/a.svg", name="Uri")
        config.route("templates", up, set_request_headers={"X-Made": 'a $$ ${ pomerium . request . headers["X-In"] } b', "Authorization": "Bearer ${pomerium.jwt}"}, remove_request_headers=["X-Gone"])
        self.server = start(config)

    def url(self, host, path="/"):
        return self.server.configuration.url(host, path)

    def curl(self, host, path="/", *arguments, **options):
        return curl(self.server, self.url(host, path), *arguments, **options)

    def echoed(self, host, path="/", *arguments, **options):
        """The request line's path and the fields that the application got, in lower case."""
        request = self.curl(host, path, *arguments, **options).json()
        return request["path"], {name.lower(): value for name, value in request["headers"]}


@pytest.fixture(scope="module")
def options(tmp_path_factory, upstream):
    from support.server import PosternServer

    servers = []

    def start(config):
        servers.append(PosternServer(tmp_path_factory.mktemp("options"), config))
        servers[0].start()
        EmbeddedProvider().prepare(servers[0])
        return servers[0]

    deployment = Options(tmp_path_factory.mktemp("files"), upstream, start)
    yield deployment
    for server in servers:
        server.close()
    deployment.switching.close()


@pytest.fixture(scope="module")
def ann(options):
    """Signed in at every route of the deployment that wants it."""
    client = WebClient(options.server)
    client.sign_in(options.url("uri"), ANN)
    return client


def test_hosts_and_paths_are_rewritten(options):
    path, headers = options.echoed("rewritten", "/api/users?q=1")
    assert path == "/v2/users?q=1" and headers["host"] == "inner.test"
    assert headers["x-forwarded-host"] == f"rewritten.localhost:{options.server.port}"
    assert options.echoed("by-header", headers=["X-Which: chosen.test"])[1]["host"] == "chosen.test"
    assert options.echoed("by-header")[1]["host"] == options.upstream.url.removeprefix("http://")
    assert options.echoed("by-path", "/tenant.test/x?y")[1]["host"] == "tenant.test"
    assert options.echoed("preserved")[1]["host"] == f"preserved.localhost:{options.server.port}"
    assert options.echoed("regex", "/item/7?a=b")[0] == "/things/7?a=b"


def test_answers_are_rewritten(options):
    answer = options.curl("answers")
    assert answer.header("Location") == "/next"
    assert answer.header("X-Global") == "g" and answer.header("X-Kept") == "1"


def test_a_routes_response_headers_lie_over_the_global_ones(options):
    answer = options.curl("headers")
    assert answer.all("X-Both") == ["route"] and answer.all("X-Global") == ["g"]
    assert answer.all("X-Frame-Options") == ["SAMEORIGIN"]
    bare = options.curl("no-headers")
    assert bare.all("X-Both") == [] and bare.all("X-Global") == []
    assert bare.all("X-Frame-Options") == ["DENY"]
    # Own answers carry the global headers.
    assert options.curl("kubernetes").header("X-Global") == "g"


def test_a_route_can_lead_elsewhere(options):
    answer = options.curl("moved", "/a?b=c")
    assert answer.status == 308
    assert answer.header("Location") == f"https://new.test:{options.server.port}/x"


def test_a_route_can_answer_by_itself(options):
    answer = options.curl("fixed")
    assert (answer.status, answer.text, answer.header("X-Own")) == (418, "teapot", "1")


@pytest.mark.parametrize(
    ("host", "protocol", "status"),
    [
        ("inherits", "custom/1", 101),
        ("inherits", "websocket", 403),
        ("websocket", "WebSocket", 101),
        ("websocket", "custom/1", 101),
        ("spdy", "SPDY/3.1", 101),
        ("spdy", "custom/1", 403),
        ("cluster", "websocket", 101),
        ("cluster", "spdy/3.1", 101),
        ("cluster", "other", 403),
    ],
)
def test_only_allowed_protocols_are_switched_to(options, host, protocol, status):
    with RawConnection(options.server, host) as connection:
        connection.request(headers=["Connection: Upgrade", f"Upgrade: {protocol}"])
        head = connection.rest_until(b"\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ".encode())
        if status == 101:
            assert connection.send(b"hello").rest_until(b"hello") == b"hello"
        else:
            assert b"upgrade_failed" in connection.rest_until(b"}")


def test_an_idle_request_is_ended(options):
    answer = options.curl("idle", "/sleep?seconds=30", headers=["Accept: application/json"])
    assert (answer.status, answer.json()["statusText"]) == (504, "stream_idle_timeout")
    # Every line counts as activity.
    assert options.curl("idle", "/ticks?count=15").text.count("data:") == 15


PREFLIGHT = ["Origin: https://other.test", "Access-Control-Request-Method: PUT"]


@pytest.mark.parametrize(
    ("host", "method", "headers", "status"),
    [("cors", "OPTIONS", PREFLIGHT, 200), ("cors", "OPTIONS", PREFLIGHT[:1], 401), ("cors", "GET", PREFLIGHT, 401), ("plain", "OPTIONS", PREFLIGHT, 401)],
)
def test_preflights_pass_where_they_may(options, host, method, headers, status):
    assert options.curl(host, "/", "--request", method, headers=headers).status == status


def test_details_are_shown_where_they_may(options, ann):
    pages = {host: ann.get(options.url(host)) for host in ("nobody", "told")}
    assert {page.status_code for page in pages.values()} == {403}
    assert "email-unauthorized" in pages["told"].text
    assert len(pages["told"].text) > len(pages["nobody"].text)
    explained = [host for host, page in pages.items() if "(email-unauthorized)" in page.text]
    assert explained == ["told"]


def test_the_issuer_can_be_a_url(options, ann):
    headers = {name.lower(): value for name, value in json.loads(ann.get(options.url("uri"), headers={"Accept": "application/json"}).text)["headers"]}
    claims = decode_part(headers["x-pomerium-jwt-assertion"].split(".")[1])
    assert claims["iss"] == "https://uri.localhost/"


def test_the_portal_shows_name_description_and_logo(options, ann):
    page = ann.get(options.url("uri", "/.pomerium/routes"))
    assert "The &lt;b&gt; application" in page.text and 'src="https://cdn.test/a.svg"' in page.text and ">Uri<" in page.text
    assert "img-src 'self' data: https://cdn.test;" in page.headers["Content-Security-Policy"]


def test_headers_are_made_from_templates(options, ann):
    sent = {"Accept": "application/json", "X-In": "given", "X-Gone": "1", "Authorization": "Basic mine"}
    ann.get(options.url("templates"))
    headers = {name.lower(): value for name, value in ann.get(options.url("templates"), headers=sent).json()["headers"]}
    assert headers["x-made"] == "a $ given b"
    assert "x-gone" not in headers
    claims = decode_part(headers["authorization"].removeprefix("Bearer ").split(".")[1])
    assert claims["email"] == ANN.email


def test_a_cluster_is_told_whom_the_service_account_speaks_for(options, ann):
    forged = {"Impersonate-User": "root", "Impersonate-Group": "system:masters", "Impersonate-Extra-Scopes": "all", "Authorization": "Bearer mine"}
    ann.get(options.url("kubernetes"))
    request = ann.get(options.url("kubernetes", "/api"), headers={"Accept": "application/json", **forged}).json()
    sent = sorted((name.lower(), value) for name, value in request["headers"] if name.lower().startswith(("impersonate", "authorization")))
    assert sent == [
        ("authorization", "Bearer service-token"),
        ("impersonate-group", "admins"),
        ("impersonate-group", "eng"),
        ("impersonate-user", ANN.email),
    ]


def test_kubectl_is_told_in_its_own_words(options):
    answer = options.curl("kubernetes", "/api", headers=["User-Agent: kubectl/v1.30.0 (linux/amd64) kubernetes/7c48c2b"])
    assert (answer.status, answer.json()["kind"], answer.json()["reason"]) == (401, "Status", "Unauthorized")


@pytest.fixture(scope="module")
def lenient(tmp_path_factory, upstream):
    """The switches of paths, header names and client addresses, each the other way round."""
    from support.server import PosternServer

    config = configuration.standard(
        upstream,
        normalize_path=False,
        merge_slashes=False,
        path_with_escaped_slashes_action="keep_unchanged",
        headers_with_underscores_action="allow",
        skip_xff_append=True,
        timeout_read="1s",
        timeout_write="3s",
        timeout_idle="1s",
        default_upstream_timeout="2s",
    )
    server = PosternServer(tmp_path_factory.mktemp("lenient"), config).start()
    yield server
    server.close()


def test_paths_stay_as_they_are_where_told(lenient):
    with RawConnection(lenient) as connection:
        assert connection.request("/a/../b//c%2Fd").response().json()["path"] == "/a/../b//c%2Fd"


def test_names_with_underscores_pass_where_told(lenient):
    headers = curl(lenient, lenient.configuration.url("public"), headers=["X_Under: 1"]).json()["headers"]
    assert ["x_under", "1"] in [[name.lower(), value] for name, value in headers]


def test_forwarded_for_stays_as_it_is_where_told(lenient):
    headers = dict(curl(lenient, lenient.configuration.url("public"), headers=["X-Forwarded-For: 9.9.9.9"]).json()["headers"])
    assert headers["X-Forwarded-For"] == "9.9.9.9"


def test_the_timeouts_of_the_settings_hold(lenient):
    url = lenient.configuration.url
    late = curl(lenient, url("public", "/sleep?seconds=30"), headers=["Accept: application/json"])
    assert (late.status, late.json()["statusText"]) == (504, "upstream_response_timeout")
    with RawConnection(lenient) as connection:
        answer = connection.request(method="POST", headers=["Content-Length: 10", "Accept: application/json"], body=b"abc").response()
        assert (answer.status, answer.json()["statusText"]) == (408, "request_overall_timeout")
    with RawConnection(lenient) as connection:
        assert connection.request().response().status == 200
        assert connection.rest() == b""


@pytest.mark.parametrize(("action", "path", "status"), [("unescape_and_forward", "/a%2Fb", 200), ("unescape_and_redirect", "/a%2Fb", 307)])
def test_escaped_slashes_are_unescaped_where_told(upstream, start_server, action, path, status):
    server = start_server(configuration.standard(upstream, path_with_escaped_slashes_action=action, headers_with_underscores_action="drop_header"))
    with RawConnection(server) as connection:
        answer = connection.request(path, headers=["X_Under: 1"]).response()
    assert answer.status == status
    if status == 307:
        assert answer.header("Location") == "/a/b"
    else:
        assert answer.json()["path"] == "/a/b"
        assert all(name.lower() != "x_under" for name, _ in answer.json()["headers"])


def test_default_headers_protect_every_answer(upstream, start_server, tmp_path):
    from support.certificates import Authority

    plain = start_server(configuration.standard(upstream))
    answer = curl(plain, plain.configuration.url("public"))
    assert answer.header("X-Frame-Options") == "SAMEORIGIN" and answer.header("X-XSS-Protection") == "1; mode=block"
    # The certificate is one of ours, which browsers would be told to insist on.
    assert answer.header("Strict-Transport-Security") is None
    off = start_server(configuration.standard(upstream, set_response_headers={"disable": True}))
    bare = curl(off, off.configuration.url("public"))
    assert all(bare.header(name) is None for name in ("X-Frame-Options", "X-XSS-Protection", "Strict-Transport-Security"))
