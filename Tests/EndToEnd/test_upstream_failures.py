"""The application fails in its own way, and the page says which."""

import subprocess
import time

import pytest

from support import configuration
from support.certificates import Authority
from support.client import WebClient, curl
from support.network import free_port
from support.people import ANN, EmbeddedProvider
from support.upstream import EchoApp, SilentPeer


class Failing:
    """A server with one public route per way to fail."""

    def __init__(self, directory, upstream, start):
        ours, foreign = Authority(directory, "ours"), Authority(directory, "foreign")
        self.apps = [
            EchoApp(ours.server_context("127.0.0.1", "app.internal")),
            EchoApp(foreign.server_context("127.0.0.1")),
            EchoApp(ours.server_context("db.internal")),
        ]
        good, untrusted, other_name = self.apps
        self.silent = SilentPeer()
        config = configuration.standard(upstream)
        public = {"allow_public_unauthenticated_access": True}
        trust = {"tls_custom_ca_file": str(ours.path)}
        config.route("broken", upstream.url, **public)
        config.route("refused", f"http://127.0.0.1:{free_port()}", **public)
        config.route("no-name", "http://no-such-host.invalid:8080", **public)
        config.route("good-tls", good.url, **public, **trust)
        config.route("named-tls", good.url, **public, **trust, tls_upstream_server_name="app.internal")
        config.route("skipped-tls", untrusted.url, **public, tls_skip_verify=True)
        config.route("untrusted", untrusted.url, **public, **trust)
        config.route("other-name", other_name.url, **public, **trust)
        config.route("not-tls", upstream.url.replace("http:", "https:"), **public)
        config.route("silent", f"http://127.0.0.1:{self.silent.port}", **public, timeout="1s")
        config.route("slow", upstream.url, **public, timeout="1s")
        config.route("private-refused", f"http://127.0.0.1:{free_port()}")
        self.server = start(config)

    def get(self, host, path="/", accept="text/html", **options):
        return curl(self.server, self.server.configuration.url(host, path), headers=[f"Accept: {accept}"], **options)

    def close(self):
        for app in [*self.apps, self.silent]:
            app.close()


@pytest.fixture(scope="module")
def failing(tmp_path_factory, upstream):
    from support.server import PosternServer

    servers = []

    def start(config):
        servers.append(PosternServer(tmp_path_factory.mktemp("failing"), config))
        return servers[0].start()

    deployment = Failing(tmp_path_factory.mktemp("certificates"), upstream, start)
    yield deployment
    for server in servers:
        server.close()
    deployment.close()


@pytest.mark.parametrize(
    ("host", "path", "statuses", "words"),
    [
        ("refused", "/", (502, 503), "refused"),
        ("no-name", "/", (502, 503), "host name"),
        ("untrusted", "/", (502, 503), "not trusted"),
        ("other-name", "/", (502, 503), "another name"),
        ("not-tls", "/", (502, 503), "TLS"),
        ("silent", "/", (504,), "in time"),
        ("slow", "/sleep?seconds=30", (504,), "in time"),
        ("broken", "/break-before-response", (502, 503), "closed the connection"),
        ("broken", "/garbage", (502,), "not valid HTTP"),
        ("broken", "/split", (502,), "not valid HTTP"),
    ],
)
def test_the_page_names_the_cause(failing, host, path, statuses, words):
    answer = failing.get(host, path)
    assert answer.status in statuses
    assert words in answer.text
    assert answer.header("X-Request-Id") in answer.text
    assert answer.header("X-Pomerium-Intercepted-Response") == "true"
    data = failing.get(host, path, accept="application/json")
    assert data.status == answer.status
    assert data.json()["error"] and data.json()["request_id"] == data.header("X-Request-Id")


def test_the_page_does_not_tell_the_public_where_the_application_is(failing):
    page = failing.get("refused").text
    assert "127.0.0.1" not in page


def test_good_certificates_are_accepted(failing):
    for host in ("good-tls", "named-tls", "skipped-tls"):
        assert failing.get(host, accept="application/json").json()["path"] == "/", host


@pytest.mark.parametrize("path", ["/break-in-body", "/break-in-body?chunked=1"])
def test_an_answer_that_breaks_off_does_not_look_complete(failing, path):
    answer = failing.get("broken", path, check=False)
    assert answer.status == 200
    assert answer.exit_code != 0, "curl took a broken answer for a whole one"
    assert len(answer.body) <= 1000


def test_the_connection_survives_a_failure(failing):
    for _ in range(5):
        assert failing.get("broken", "/break-before-response").status in (502, 503)
        assert failing.get("broken", accept="application/json").status == 200


def test_a_timeout_takes_as_long_as_it_says(failing):
    start = time.monotonic()
    failing.get("slow", "/sleep?seconds=30")
    assert 0.9 < time.monotonic() - start < 4


def test_an_upload_to_a_dead_application_ends(failing, tmp_path):
    file = tmp_path / "big"
    file.write_bytes(b"\0" * 20_000_000)
    url = failing.server.configuration.url("refused", "/upload")
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "20", "--cacert", failing.server.ca, "--data-binary", f"@{file}", "-o", "/dev/null", "-w", "%{http_code}", url],
        capture_output=True, text=True,
    )
    assert done.stdout in ("502", "503"), done.stderr


def test_a_refused_person_does_not_learn_that_the_application_is_down(failing):
    """The decision comes before the connection."""
    assert failing.get("private-refused").status in (302, 303)


def test_an_application_that_comes_back_is_served_at_once(start_server, upstream):
    port = free_port()
    config = configuration.standard(upstream).route("flaky", f"http://127.0.0.1:{port}", allow_public_unauthenticated_access=True)
    server = start_server(config)
    url = config.url("flaky")
    assert curl(server, url).status in (502, 503)
    app = EchoApp()
    try:
        # The route names a port that nobody listened on; now a relay does.
        relay = subprocess.Popen(["python3", "-c", _RELAY, str(port), str(app.port)])
        try:
            deadline = time.monotonic() + 5
            while curl(server, url).status != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        finally:
            relay.terminate()
            relay.wait()
    finally:
        app.close()


def test_a_signed_in_user_gets_the_page_with_the_diagram(failing, open_browser):
    EmbeddedProvider().prepare(failing.server)
    browser = open_browser(failing.server)
    browser.open(failing.server.configuration.url("private-refused", "/x"))
    browser.fill_sign_in(ANN)
    states = [item.get_attribute("class") for item in browser.driver.find_elements("css selector", "ol.hops > li")]
    assert [state.split()[0] for state in states] == ["ok", "ok", "failed"]
    assert "refused" in browser.text
    assert WebClient(failing.server).get(failing.server.configuration.url("public")).status_code == 200


_RELAY = """
import socket, sys, threading
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
def pump(a, b):
    while data := a.recv(65536):
        b.sendall(data)
while True:
    client, _ = server.accept()
    peer = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    threading.Thread(target=pump, args=(client, peer), daemon=True).start()
    threading.Thread(target=pump, args=(peer, client), daemon=True).start()
"""
