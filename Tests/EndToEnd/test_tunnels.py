"""`tcp+https` routes: CONNECT over HTTP/1.1 as `pomerium-cli tcp` sends it, and over HTTP/2; each half of a tunnel closes on its own."""

import socket
import ssl
import threading
import time

import pytest

from support import configuration
from support.client import WebClient
from support.http2 import HTTP2Connection
from support.network import wait_until
from support.people import ANN, BOB, EmbeddedProvider


class TCPService:
    """Sends back what it receives, and once the other side has closed its half says how much that was."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        count = 0
        with connection:
            while data := connection.recv(65536):
                count += len(data)
                if data == b"close":
                    return
                connection.sendall(data)
            connection.sendall(b"received %d" % count)

    def close(self):
        self._listener.close()


@pytest.fixture(scope="module")
def service():
    service = TCPService()
    yield service
    service.close()


@pytest.fixture(scope="module")
def server(service, upstream, tmp_path_factory):
    from support.server import PosternServer

    to = f"tcp://127.0.0.1:{service.port}"
    ann = [{"allow": {"or": [{"email": {"is": ANN.email}}]}}]
    config = configuration.standard(upstream)
    config.tunnel("open", 5432, to, allow_public_unauthenticated_access=True)
    config.tunnel("db", 5432, to, policy=ann)
    config.tunnel("short", 5432, to, allow_public_unauthenticated_access=True, timeout="1s")
    config.tunnel("resting", 5432, to, allow_public_unauthenticated_access=True, idle_timeout="1s")
    config.tunnel("down", 5432, "tcp://127.0.0.1:1", allow_public_unauthenticated_access=True)
    config.routes.append({"from": "tcp+https://proxy.localhost/inner.test:22", "to": to, "allow_public_unauthenticated_access": True})
    server = PosternServer(tmp_path_factory.mktemp("tunnels"), config).start()
    EmbeddedProvider().prepare(server)
    yield server
    server.close()


class Tunnel:
    """CONNECT over TLS and HTTP/1.1. TLS runs over memory, as only that can close one half and go on reading."""

    def __init__(self, server, authority, headers=(), host=None):
        self._plain = socket.create_connection(("127.0.0.1", server.port), 10)
        context = ssl.create_default_context(cafile=str(server.ca))
        context.set_alpn_protocols(["http/1.1"])
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host or authority.rpartition(":")[0])
        self._step(self._tls.do_handshake)
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", "User-Agent: Go-http-client/1.1", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head and (data := self.receive()):
            head += data
        self.head, _, self.rest = head.partition(b"\r\n\r\n")
        self.status = int(self.head.split()[1])

    def send(self, data):
        self._step(lambda: self._tls.write(data))

    def receive(self):
        try:
            return self._step(lambda: self._tls.read(65536))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError, ConnectionError):
            return b""

    def close_half(self):
        """The TLS goodbye and the end of our TCP half; the answer can still be read."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        self._plain.sendall(self._out.read())
        self._plain.shutdown(socket.SHUT_WR)

    def close(self):
        self._plain.close()

    def _step(self, call):
        while True:
            try:
                result = call()
                self._plain.sendall(self._out.read())
                return result
            except ssl.SSLWantReadError:
                self._plain.sendall(self._out.read())
                data = self._plain.recv(65536)
                self._in.write(data) if data else self._in.write_eof()


def test_bytes_go_both_ways(server):
    tunnel = Tunnel(server, "open.localhost:5432")
    assert tunnel.status == 200
    for size in (1, 1000, 200_000):
        data = bytes(size)
        tunnel.send(data)
        received = b""
        while len(received) < size:
            received += tunnel.receive()
        assert received == data
    tunnel.close()


def test_the_service_may_answer_after_the_client_has_closed_its_half(server):
    """An HTTP/2 stream can end its half and read on, whatever the TLS library of the client."""
    with HTTP2Connection(server.port, "open.localhost", server.ca) as connection:
        number = connection.connect("open.localhost:5432")
        assert connection.started(number).status == 200
        connection.send(number, b"12345", end=True)
        assert connection.response(number).body == b"12345received 5"


def test_half_close_over_http11_reaches_the_service(server):
    tunnel = Tunnel(server, "open.localhost:5432")
    tunnel.send(b"12345")
    assert tunnel.receive() == b"12345"
    tunnel.close_half()
    # The service has seen the end of our half, has said its last word, and closed its own: the connection ends.
    tunnel._plain.settimeout(10)
    while tunnel._plain.recv(65536):
        pass


def test_the_end_of_the_service_is_the_end_of_the_tunnel(server):
    tunnel = Tunnel(server, "open.localhost:5432")
    tunnel.send(b"close")
    assert tunnel.receive() == b""


def test_who_is_not_signed_in_gets_no_tunnel(server, service):
    before = service.connections
    tunnel = Tunnel(server, "db.localhost:5432")
    assert tunnel.status == 401
    assert service.connections == before


def token(server, person):
    """Signs in as a command line does: by an address opened in a browser, which brings the token back to a local address."""
    client = WebClient(server)
    login = client.get(f"https://db.localhost:{server.port}/.pomerium/api/v1/login?pomerium_redirect_uri=http://127.0.0.1:9/cb", follow=False)
    assert login.status_code == 200, login.text
    answer = client.submit(client.get(login.text), follow=False, email=person.email, password=person.password)
    while not answer.headers["Location"].startswith("http://127.0.0.1:9/cb"):
        answer = client.get(answer.headers["Location"], follow=False)
    return answer.headers["Location"].split("pomerium_jwt=")[1]


def test_the_token_of_the_command_line_opens_the_tunnel(server):
    tunnel = Tunnel(server, "db.localhost:5432", [f"Authorization: Pomerium {token(server, ANN)}"])
    assert tunnel.status == 200
    tunnel.send(b"hello")
    assert tunnel.receive() == b"hello"


def test_policy_holds_for_tunnels(server):
    assert Tunnel(server, "db.localhost:5432", [f"Authorization: Pomerium {token(server, BOB)}"]).status == 403


@pytest.mark.parametrize("authority, status", [("db.localhost:22", 403), ("nowhere.localhost:22", 404), ("app.localhost:443", 403)])
def test_what_is_not_configured_is_not_reached(server, authority, status):
    assert Tunnel(server, authority, host="proxy.localhost").status == status


def test_a_name_behind_the_proxy(server):
    tunnel = Tunnel(server, "inner.test:22", host="proxy.localhost")
    assert tunnel.status == 200
    tunnel.send(b"x")
    assert tunnel.receive() == b"x"


def test_a_service_that_is_down_is_named(server):
    tunnel = Tunnel(server, "down.localhost:5432", ["Accept: application/json"])
    assert tunnel.status == 503
    answer = tunnel.rest
    while b"}" not in answer:
        answer += tunnel.receive()
    assert b"Connection_refused" in answer


def test_a_tunnel_has_a_maximum_age(server):
    tunnel, started = Tunnel(server, "short.localhost:5432"), time.monotonic()
    while tunnel.receive():
        pass
    assert 0.5 < time.monotonic() - started < 5
    wait_until(lambda: "max_duration_timeout" in server.log, "the log says why")


def test_a_tunnel_that_rests_is_closed(server):
    tunnel = Tunnel(server, "resting.localhost:5432")
    for _ in range(4):
        time.sleep(0.5)
        tunnel.send(b"x")
        assert tunnel.receive() == b"x"
    assert tunnel.receive() == b""
    wait_until(lambda: "stream_idle_timeout" in server.log, "the log says why")


def test_other_methods_have_no_way_into_a_tunnel(server):
    answer = WebClient(server).get(f"https://open.localhost:{server.port}/", follow=False)
    assert answer.status_code == 404
