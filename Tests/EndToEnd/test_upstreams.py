"""Several targets behind one route: shares, health, and what happens when some or all are gone."""

import json
import socketserver
import threading
from collections import Counter
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from support import configuration
from support.client import curl
from support.network import free_port, wait_until

PUBLIC = {"allow_public_unauthenticated_access": True}
FAST = {"timeout": "1s", "interval": "100ms", "no_traffic_interval": "100ms", "healthy_threshold": 2, "unhealthy_threshold": 2}


class Target:
    """An application with a name, on a port or a socket file that stays its own when it is stopped and started."""

    def __init__(self, name, path=None):
        self.name, self.path = name, path
        self.port = None if path else free_port()
        self.url = f"unix://{path}" if path else f"http://127.0.0.1:{self.port}"
        self.is_well = True
        self.status = 200
        self.probes = 0
        self.holds, self.release = threading.Event(), threading.Event()
        self._server = None
        self.start()

    def start(self):
        kind, address = (_UnixServer, self.path) if self.path else (_Server, ("127.0.0.1", self.port))
        self._server = kind(address, _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.close_connections()
            self._server = None

    def close(self):
        self.release.set()
        self.stop()


class _Connections:
    """Ends the connections of a stopped server, as the end of its process would."""

    daemon_threads = True
    allow_reuse_address = True

    def get_request(self):
        request = super().get_request()
        self.__dict__.setdefault("open", []).append(request[0])
        return request

    def close_connections(self):
        for connection in self.__dict__.get("open", []):
            try:
                connection.shutdown(2)
            except OSError:
                pass

    def handle_error(self, request, client_address):
        pass


class _Server(_Connections, ThreadingHTTPServer):
    pass


class _UnixServer(_Connections, socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("local", 0)


def _handler(target):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            if self.path == "/up":
                target.probes += 1
                return self._answer(200 if target.is_well else 503)
            if self.path == "/hold":
                target.holds.set()
                target.release.wait(20)
            self._answer(target.status)

        def _answer(self, status):
            body = json.dumps({"name": target.name, "path": self.path, "host": self.headers["Host"]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@pytest.fixture
def pair():
    targets = [Target("one"), Target("two")]
    yield targets
    for target in targets:
        target.close()


def start(start_server, upstream, targets, **options):
    config = configuration.standard(upstream).route("pool", [target.url for target in targets], **PUBLIC, **options)
    return start_server(config)


def ask(server, path="/", host="pool"):
    return curl(server, server.configuration.url(host, path), headers=["Accept: application/json"])


def names(server, count=12):
    """Who answered how often; nobody may fail."""
    answers = [ask(server) for _ in range(count)]
    assert {answer.status for answer in answers} == {200}, [answer.text for answer in answers if answer.status != 200]
    return Counter(answer.json()["name"] for answer in answers)


def test_a_target_that_dies_is_left_out_and_taken_back(start_server, upstream, pair):
    one, two = pair
    server = start(start_server, upstream, pair, health_checks=[{**FAST, "http_health_check": {"path": "/up"}}])
    assert set(names(server)) == {"one", "two"}
    one.stop()
    # From the first moment on nobody notices: what could not be sent goes to the other one.
    assert set(names(server)) == {"two"}
    wait_until(lambda: "a target is unhealthy" in server.log, "the check fails")
    one.start()
    wait_until(lambda: "a target is healthy" in server.log, "the check passes again")
    assert set(names(server)) == {"one", "two"}
    # One that answers, but says that it is not well.
    two.is_well = False
    wait_until(lambda: server.log.count("a target is unhealthy") == 2, "the check fails")
    assert set(names(server)) == {"one"}


def test_without_a_healthy_target_the_answer_comes_at_once(start_server, upstream, pair):
    server = start(
        start_server, upstream, pair, healthy_panic_threshold=0, health_checks=[{**FAST, "http_health_check": {"path": "/up"}}]
    )
    for target in pair:
        target.is_well = False
    answer = wait_until(lambda: (found := ask(server)).status == 503 and found, "no target is healthy")
    assert "no_healthy_upstream" in answer.text
    wait_until(lambda: '"no_healthy_upstream"' in server.log, "the access line")
    assert '"response-flags":"UH"' in server.log
    for target in pair:
        target.is_well = True
    wait_until(lambda: ask(server).status == 200, "the targets are back")


def test_with_too_few_healthy_targets_all_are_used(start_server, upstream, pair):
    server = start(start_server, upstream, pair, health_checks=[{**FAST, "http_health_check": {"path": "/up"}}])
    for target in pair:
        target.is_well = False
    wait_until(lambda: server.log.count("a target is unhealthy") == 2, "both checks fail")
    assert set(names(server)) == {"one", "two"}


def test_a_grpc_server_says_how_it_is(start_server, upstream, pair):
    port = free_port()
    service = health.HealthServicer()
    running = grpc.server(futures.ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(service, running)
    assert running.add_insecure_port(f"127.0.0.1:{port}") == port
    running.start()
    try:
        service.set("app.Main", health_pb2.HealthCheckResponse.SERVING)
        check = {**FAST, "alt_port": port, "grpc_health_check": {"service_name": "app.Main"}}
        server = start(start_server, upstream, pair[:1], healthy_panic_threshold=0, health_checks=[check])
        assert set(names(server)) == {"one"}
        service.set("app.Main", health_pb2.HealthCheckResponse.NOT_SERVING)
        wait_until(lambda: ask(server).status == 503, "the check fails")
        assert "not_serving" in server.log
        service.set("app.Main", health_pb2.HealthCheckResponse.SERVING)
        wait_until(lambda: ask(server).status == 200, "the check passes again")
    finally:
        running.stop(0).wait()


def test_a_target_that_answers_with_errors_is_taken_out(start_server, upstream, pair):
    pair[0].status = 500
    server = start(
        start_server, upstream, pair,
        outlier_detection={"consecutive_5xx": 2, "max_ejection_percent": 50, "base_ejection_time": "1s", "interval": "200ms"},
    )
    wait_until(lambda: ask(server) and "a target is taken out" in server.log, "the ejection", pause=0)
    assert set(names(server)) == {"two"}
    pair[0].status = 200
    wait_until(lambda: "a target is back" in server.log, "the end of the ejection")
    assert set(names(server)) == {"one", "two"}


def test_shares_follow_weights(start_server, upstream, pair):
    config = configuration.standard(upstream).route("pool", [f"{pair[0].url},1", f"{pair[1].url},3"], **PUBLIC)
    server = start_server(config)
    url = config.url("pool")
    # All on one connection, and so on one event loop.
    answers = curl(server, url, *([url] * 39), headers=["Accept: application/json"]).text
    assert answers.count('"one"') == 10 and answers.count('"two"') == 30


@pytest.mark.parametrize("policy", ["RING_HASH", "MAGLEV"])
def test_a_client_stays_at_its_target(start_server, upstream, policy):
    targets = [Target(str(number)) for number in range(4)]
    try:
        server = start(start_server, upstream, targets, load_balancing_policy=policy)
        (name,) = names(server)
        targets[int(name)].stop()
        (other,) = names(server)
        assert other != name
    finally:
        for target in targets:
            target.close()


@pytest.mark.parametrize("policy", ["LEAST_REQUEST", "RANDOM"])
def test_every_target_is_used(start_server, upstream, pair, policy):
    server = start(start_server, upstream, pair, load_balancing_policy=policy)
    assert set(names(server, 24)) == {"one", "two"}


def test_a_socket_file_is_a_target(start_server, upstream, tmp_path):
    path = tmp_path / "app.sock"
    target = Target("file", str(path))
    try:
        server = start(start_server, upstream, [target], health_checks=[{**FAST, "http_health_check": {"path": "/up"}}])
        answer = ask(server, "/x").json()
        assert answer["name"] == "file" and answer["path"] == "/x"
        assert answer["host"] == f"pool.localhost:{server.port}"
        wait_until(lambda: target.probes > 1, "the socket file is probed")
        target.stop()
        path.unlink()
        assert ask(server).status == 503
    finally:
        target.close()


def test_what_is_too_much_is_answered_at_once(start_server, upstream, pair):
    server = start(start_server, upstream, pair[:1], circuit_breaker_thresholds={"max_requests": 1})
    with futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(ask, server, "/hold")
        assert pair[0].holds.wait(10)
        answer = ask(server)
        pair[0].release.set()
        assert answer.status == 503 and "{overflow}" in answer.text
        assert held.result().status == 200
    wait_until(lambda: '"response-code-details":"upstream_reset_before_response_started{overflow}"' in server.log, "the access line")
    assert '"response-flags":"UO"' in server.log
    assert ask(server).status == 200
