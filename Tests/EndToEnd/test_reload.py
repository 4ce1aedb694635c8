"""A changed configuration is put in force as a whole while the server runs, whichever way its files are changed, and cuts nothing."""

import json
import os
import signal
import ssl
import socket
import time
import urllib.request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from support import configuration
from support.certificates import Authority
from support.client import RawConnection, WebClient, curl
from support.network import free_port, wait_until
from support.people import ANN
from support.server import run_cli


def status(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.configuration.health_port}/status", timeout=5) as response:
        return json.load(response)["config"]


def metrics(port, headers=()):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=dict(headers))
    with urllib.request.urlopen(request, timeout=5) as response:
        lines = response.read().decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))


def answer(server, host, path="/"):
    """The status under a host, whatever certificate it has by now."""
    return curl(server, server.configuration.url(host, path), "--insecure").status


def await_reload(server, before):
    return wait_until(lambda: (now := status(server))["hash"] != before["hash"] and now, f"a new configuration\n{server.tail(20)}", 10)


def with_route(server, host):
    """The server's configuration with one more public route, as text."""
    server.configuration.route(host, "http://127.0.0.1:1", allow_public_unauthenticated_access=True)
    server.configuration.routes[-1].update(response={"status": 200, "body": host})
    del server.configuration.routes[-1]["to"]
    return server.configuration.text()


def write_in_place(server, text):
    server.configuration_path.write_text(text)


def rename_over(server, text):
    new = server.configuration_path.with_suffix(".new")
    new.write_text(text)
    new.rename(server.configuration_path)


def swap_link(server, text):
    """As Kubernetes does: the file is a link through a directory that is a link, which is renamed over."""
    directory = server.directory / f"version-{time.monotonic_ns()}"
    directory.mkdir()
    (directory / "config.yaml").write_text(text)
    link = server.directory / "data-link-new"
    link.symlink_to(directory)
    link.rename(server.directory / "data-link")


@pytest.mark.parametrize("change", [write_in_place, rename_over])
def test_a_changed_file_is_read(own, change):
    server = own.server
    before = status(server)
    assert before["last_attempt_succeeded"] and not before["needs_restart"]
    assert answer(server, "fresh") == 404
    change(server, with_route(server, "fresh"))
    after = await_reload(server, before)
    assert after["routes"] == before["routes"] + 1 and after["loaded_at"] >= before["loaded_at"]
    assert answer(server, "fresh") == 200
    assert '"message":"config: loaded configuration"' in server.log


def test_a_swapped_link_is_read(own):
    server = own.server
    swap_link(server, server.configuration_path.read_text())
    server.configuration_path.unlink()
    server.configuration_path.symlink_to(server.directory / "data-link" / "config.yaml")
    server.restart()
    before = status(server)
    swap_link(server, with_route(server, "fresh"))
    await_reload(server, before)
    assert answer(server, "fresh") == 200


def test_a_bad_file_changes_nothing_and_is_told(own):
    server = own.server
    port = free_port()
    server.configuration.settings["metrics_address"] = f"127.0.0.1:{port}"
    before = status(server)
    write_in_place(server, server.configuration.text())
    before = await_reload(server, before)
    assert metrics(port)["pomerium_config_last_reload_success"] == "1"
    good = server.configuration_path.read_text()
    write_in_place(server, good.replace("routes:", "rutes:"))
    failed = wait_until(lambda: not (now := status(server))["last_attempt_succeeded"] and now, "the attempt fails", 10)
    assert failed["hash"] == before["hash"]
    assert "did you mean routes?" in failed["last_error"] and "config.yaml:" in failed["last_error"]
    assert answer(server, "public") == 200
    seen = metrics(port)
    assert seen["pomerium_config_last_reload_success"] == "0"
    assert float(seen["pomerium_config_last_reload_success_timestamp"]) > 1e9
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    problem = next(line for line in lines if line.get("code") == "unknown-key")
    assert problem["level"] == "error" and problem["line"] and problem["help"] == "did you mean routes?"
    errors = [line for line in lines if line["message"] == "config: error updating config"]
    assert len(errors) == 1
    loaded = sum(line["message"] == "config: loaded configuration" for line in lines)
    write_in_place(server, good)
    wait_until(lambda: status(server)["last_attempt_succeeded"], "the old content is good again", 10)
    assert metrics(port)["pomerium_config_last_reload_success"] == "1"
    assert sum('"message":"config: loaded configuration"' in line for line in server.log.splitlines()) == loaded


def test_one_bad_route_is_refused_alone(own):
    server = own.server
    before = status(server)
    server.configuration.route("public", own.upstream.url, policy=[{"allow": {"or": [{"emial": {"is": "ann@example.com"}}]}}], prefix="/new")
    server.configuration.routes.insert(0, server.configuration.routes.pop())
    server.configuration.route("bad", "ftp://127.0.0.1")
    write_in_place(server, with_route(server, "fresh"))
    wait_until(lambda: status(server)["hash"] != before["hash"], "what can be loaded is in force", 10)
    after = status(server)
    assert not after["last_attempt_succeeded"] and len(after["refused_routes"]) == 2
    assert "emial" in after["last_error"] and "did you mean email?" in after["last_error"]
    assert answer(server, "fresh") == 200 and answer(server, "public") == 200
    assert answer(server, "bad") == 503 and answer(server, "public", "/new") == 503
    good = server.configuration
    good.routes = [route for route in good.routes if "ftp" not in str(route.get("to")) and route.get("prefix") != "/new"]
    write_in_place(server, good.text())
    wait_until(lambda: status(server)["last_attempt_succeeded"], "the mended file is in force", 10)
    assert status(server)["refused_routes"] == [] and answer(server, "bad") == 404


def test_hangup_reads_even_without_the_watch(own):
    server = own.server
    server.configuration.settings["runtime_flags"] = {"config_hot_reload": False}
    before = status(server)
    write_in_place(server, server.configuration.text())
    before = await_reload(server, before)
    write_in_place(server, with_route(server, "fresh"))
    time.sleep(1.5)
    assert status(server)["hash"] == before["hash"]
    os.kill(server.pid, signal.SIGHUP)
    await_reload(server, before)
    assert answer(server, "fresh") == 200


def leaf_of(server, name):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port), 5) as plain:
        with context.wrap_socket(plain, server_hostname=name) as secure:
            return x509.load_der_x509_certificate(secure.getpeercert(True)).serial_number


def test_a_renewed_certificate_file_is_served(own, tmp_path):
    server = own.server
    authority = Authority(tmp_path, "authority")

    def issue():
        authority.server_context("app.localhost")
        return (tmp_path / "authority-app.localhost.pem").read_bytes()

    pair = server.directory / "pair.pem"
    pair.write_bytes(issue())
    before = status(server)
    server.configuration.settings |= {"certificate_file": str(pair), "certificate_key_file": str(pair)}
    write_in_place(server, server.configuration.text())
    before = await_reload(server, before)
    first = x509.load_pem_x509_certificate(pair.read_bytes()).serial_number
    assert leaf_of(server, "app.localhost") == first
    with_open = RawConnectionWithoutTrust(server)
    pair.write_bytes(issue())
    await_reload(server, before)
    second = x509.load_pem_x509_certificate(pair.read_bytes()).serial_number
    assert second != first and leaf_of(server, "app.localhost") == second
    # A connection of before goes on.
    assert with_open.request("/ping").response().status == 200
    with_open.close()


class RawConnectionWithoutTrust(RawConnection):
    def __init__(self, server):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.name = "app.localhost"
        self.authority = f"{self.name}:{server.port}"
        self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 10), server_hostname=self.name)
        self._buffer = b""
        assert self.request("/ping").response().status == 200


def test_a_missing_file_that_appears_is_read(own, tmp_path):
    server = own.server
    authority = Authority(tmp_path, "authority")
    authority.server_context("app.localhost")
    pair = server.directory / "late.pem"
    before = status(server)
    server.configuration.settings |= {"certificate_file": str(pair), "certificate_key_file": str(pair)}
    write_in_place(server, server.configuration.text())
    wait_until(lambda: not status(server)["last_attempt_succeeded"], "the attempt fails", 10)
    pair.write_bytes((tmp_path / "authority-app.localhost.pem").read_bytes())
    await_reload(server, before)


def test_reloads_cut_no_stream(own):
    server = own.server
    client = WebClient(server)
    client.sign_in(own.url("app"), ANN)
    cookie = client.cookie_header("app")
    with RawConnection(server, "app", timeout=30) as stream, RawConnection(server, "public", timeout=30) as anonymous:
        stream.request("/ticks?count=60", headers=[f"Cookie: {cookie}"])
        anonymous.request("/ticks?count=60")
        for number in range(8):
            before = status(server)
            write_in_place(server, with_route(server, f"fresh{number}"))
            await_reload(server, before)
        for connection in (stream, anonymous):
            response = connection.response()
            assert response.status == 200
            assert response.body.count(b"data:") == 60
    # Sessions go on as well.
    assert client.get(own.url("app", "/after"), follow=False).status_code == 200


def test_a_policy_that_shuts_somebody_out_ends_their_streams(own):
    server = own.server
    client = WebClient(server)
    client.sign_in(own.url("app"), ANN)
    cookie = client.cookie_header("app")
    with RawConnection(server, "app", timeout=30) as stream, RawConnection(server, "public", timeout=30) as anonymous:
        stream.request("/ticks?count=200", headers=[f"Cookie: {cookie}"])
        anonymous.request("/ticks?count=30")
        stream.rest_until(b"data: 3\n")
        app = next(route for route in server.configuration.routes if "app.localhost" in route["from"])
        del app["allow_any_authenticated_user"]
        app["policy"] = [{"allow": {"or": [{"email": {"is": "bob@example.com"}}]}}]
        write_in_place(server, server.configuration.text())
        begin = time.monotonic()
        assert stream.rest().count(b"data:") < 100
        assert time.monotonic() - begin < 5
        assert anonymous.response().body.count(b"data:") == 30
    wait_until(lambda: "downstream_local_disconnect(policy_changed)" in server.log, "the access line says why", 5)


def test_what_needs_a_restart_is_told(own):
    server = own.server
    before = status(server)
    server.configuration.settings["databroker_storage_type"] = "memory"
    write_in_place(server, with_route(server, "fresh"))
    after = await_reload(server, before)
    assert after["needs_restart"] == ["databroker_storage_type"]
    assert "databroker_storage_type needs a restart" in server.log
    assert answer(server, "fresh") == 200


def test_an_address_moves_without_a_restart(own):
    server = own.server
    old = server.configuration.health_port
    server.configuration.health_port = free_port()
    before_hash = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{old}/status").read())["config"]["hash"]
    write_in_place(server, server.configuration.text())

    def moved():
        try:
            return status(server)["hash"] != before_hash
        except OSError:
            return False

    wait_until(moved, "the new address answers", 10)

    def is_closed():
        try:
            socket.create_connection(("127.0.0.1", old), 1).close()
            return False
        except OSError:
            return True

    wait_until(is_closed, "the old address is closed", 5)


def test_an_address_that_cannot_be_had_refuses_the_file(own):
    server = own.server
    before = status(server)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server.configuration.settings["metrics_address"] = f"127.0.0.1:{taken.getsockname()[1]}"
        write_in_place(server, with_route(server, "fresh"))
        wait_until(lambda: not status(server)["last_attempt_succeeded"], "the attempt fails", 10)
    assert "metrics_address" in status(server)["last_error"]
    assert status(server)["hash"] == before["hash"] and answer(server, "fresh") == 404


def test_metrics_count_requests_and_ask_for_a_password(start_server, upstream):
    port = free_port()
    config = configuration.standard(upstream, metrics_address=f"127.0.0.1:{port}", metrics_basic_auth="YW5uOnNlY3JldA==")
    server = start_server(config)
    for _ in range(3):
        assert answer(server, "public") == 200
    with pytest.raises(urllib.error.HTTPError) as refused:
        metrics(port)
    assert refused.value.code == 401 and refused.value.headers["WWW-Authenticate"].startswith("Basic")
    seen = metrics(port, {"Authorization": "Basic YW5uOnNlY3JldA=="})
    assert int(seen['pomerium_http_server_requests_total{http_status_class="2xx"}']) >= 3
    assert seen['pomerium_build_info{service="all",version="0.1.0"}'] == "1"
    assert int(seen["pomerium_policy_count_total"]) == len(config.routes)
    assert int(seen["pomerium_http_server_request_duration_seconds_count"]) >= 3
    assert int(seen["process_open_fds"]) > 5


def test_an_explanation_tells_where_a_rule_stands_after_lines_were_put_in_above_it(start_server, upstream):
    server = start_server(configuration.standard(upstream).route("closed", upstream.url, policy=[{"deny": {"or": [{"accept": True}]}}]))
    routes = "".join(
        f"  - from: {route['from']}\n    to: {route['to']}\n    policy: {json.dumps(route.get('policy', [{'allow': {'or': [{'accept': True}]}}]))}\n"
        for route in server.configuration.routes
    )
    settings = server.configuration.text().partition("routes:")[0]

    def rule_line(text):
        before = status(server)
        server.configuration_path.write_text(text)
        await_reload(server, before)
        with RawConnection(server, "closed") as connection:
            request_id = connection.request("/").response().header("X-Request-Id")
        done = wait_until(
            lambda: (found := run_cli("explain", request_id, "--data-dir", server.data, "--json")).returncode == 0 and found, "the decision is kept", 10
        )
        decision = json.loads(done.stdout)
        [policy] = decision["explanation"]["policies"]
        position = policy["deny"][0]["criteria"][0]["position"]
        assert decision["policy_position"].split(":")[-2] == position.split(":")[-2]
        return int(position.split(":")[-2])

    for text in (
        settings + "routes:\n" + routes,
        settings + "routes:\n# one line\n\n# and two more\n" + routes,
        settings + f"routes:\n  - from: {server.configuration.url('new', '')}\n    to: {upstream.url}\n    policy: []\n" + routes,
        "# at the very top\n" + settings + "routes:\n" + routes,
    ):
        wanted = next(number for number, line in enumerate(text.splitlines(), 1) if "deny" in line)
        assert rule_line(text) == wanted
