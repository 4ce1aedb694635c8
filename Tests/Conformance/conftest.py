"""Fixtures: one server for all tests, its applications behind it, and whether it speaks HTTP/2."""

import socket
import ssl
from dataclasses import dataclass

import pytest
from harness.peers import Peer
from harness.recorder import Recorder
from harness.target import Target
from support import network, server
from support.certificates import Authority
from support.configuration import Configuration
from support.server import PosternServer

network.resolve_localhost_names()


def pytest_addoption(parser):
    parser.addoption("--against", choices=["postern", "nginx", "haproxy"], default="postern", help="whom the HTTP/2 tests ask: others show whether the tests are right")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for running in server.running:
            report.sections.append((f"log of the server on port {running.port}", running.tail(40)))
    return report


@dataclass
class Running:
    server: PosternServer
    #: The plain route of `localhost`, a name that clients without a resolver of their own know.
    config: Configuration

    @property
    def port(self):
        return self.server.port

    def localhost(self, scheme="https", path="/"):
        return f"{scheme}://localhost:{self.port}{path}"


def route_on_localhost(config, to, **options):
    """A route open to everybody on the host `localhost`."""
    config.routes.append({"from": f"https://localhost:{config.port}", "to": to, "allow_public_unauthenticated_access": True, **options})
    return config


@pytest.fixture(scope="session")
def run_server(tmp_path_factory):
    """Starts servers that live to the end of the session: run_server(configuration, plain=False)."""
    started = []

    def start(config):
        postern = PosternServer(tmp_path_factory.mktemp("postern"), config)
        started.append(postern)
        if config.settings.get("insecure_server"):
            _wait_over_plain(postern)
        return Running(postern.start(), config)

    yield start
    for postern in started:
        postern.close()


def _wait_over_plain(postern):
    """The readiness of the end-to-end suite is asked over TLS, which this server does not speak."""

    def ready():
        try:
            with socket.create_connection(("127.0.0.1", postern.port), 1) as connection:
                connection.sendall(f"GET /ping HTTP/1.1\r\nHost: authenticate.localhost:{postern.port}\r\nConnection: close\r\n\r\n".encode())
                return connection.recv(100).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    postern._is_ready = ready


def negotiates_http2(port, ca, name="localhost"):
    context = ssl.create_default_context(cafile=str(ca))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain, server_hostname=name) as connection:
        return connection.selected_alpn_protocol() == "h2"


def require_http2(running):
    if not negotiates_http2(running.port, running.server.ca):
        pytest.skip("the server does not negotiate h2")


@pytest.fixture
def target(asked):
    """The server to ask; what arrived behind it before this test is forgotten."""
    asked.recorder.take()
    return asked


@pytest.fixture(scope="session")
def asked(request, run_server, tmp_path_factory):
    """Whom the HTTP/2 tests ask, with a recorder behind it that speaks HTTP/1.1."""
    name = request.config.getoption("--against")
    recorder = Recorder()
    if name == "postern":
        running = run_server(route_on_localhost(Configuration(timeout_read="5s"), recorder.url))
        require_http2(running)
        yield Target(name, running.port, running.server.ca, running.server.pid, recorder)
    else:
        directory = tmp_path_factory.mktemp(name)
        authority = Authority(directory, "peers")
        authority.server_context("localhost")
        peer = Peer(name, directory, recorder, directory / "peers-localhost.pem")
        yield Target(name, peer.port, authority.path, peer.pid, recorder)
        peer.close()
    recorder.close()
