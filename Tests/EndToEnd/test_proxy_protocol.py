"""A load balancer in front says who the client is."""

import json
import socket
import ssl
import subprocess

import pytest

from support import configuration
from support.client import RawConnection, curl
from support.network import free_port, wait_until
from support.people import EmbeddedProvider

LINE = b"PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V4 = bytes([203, 0, 113, 9, 192, 0, 2, 1, 0xDC, 4, 1, 0xBB])


@pytest.fixture(scope="module")
def balanced(tmp_path_factory, upstream):
    from support.server import PosternServer

    class Balanced(PosternServer):
        def _is_ready(self):
            return self._process.poll() is None and self.ca.exists() and "listening" in self.output and self.output.count("listening") >= 3

    redirect = free_port()
    config = configuration.standard(upstream, use_proxy_protocol=True, http_redirect_addr=f"127.0.0.1:{redirect}", access_log_fields=["ip", "path"])
    only = [{"allow": {"or": [{"source_ip": "203.0.113.0/24"}]}}]
    config.route("office", upstream.url, policy=only)
    server = Balanced(tmp_path_factory.mktemp("balanced"), config)
    server.redirect_port = redirect
    server.start()
    yield server
    server.close()


class Announced(RawConnection):
    """A connection that begins with these bytes."""

    def __init__(self, server, prefix, host="public"):
        self.name = f"{host}.localhost"
        self.authority = f"{self.name}:{server.port}"
        plain = socket.create_connection(("127.0.0.1", server.port), 10)
        plain.sendall(prefix)
        self.socket = ssl.create_default_context(cafile=str(server.ca)).wrap_socket(plain, server_hostname=self.name)
        self._buffer = b""


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        (LINE, "203.0.113.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (SIGNATURE + b"\x21\x11\0\x0c" + V4, "203.0.113.9"),
        (SIGNATURE + b"\x20\0\0\0", "127.0.0.1"),
    ],
)
def test_the_header_names_the_client(balanced, prefix, address):
    with Announced(balanced, prefix) as connection:
        echoed = connection.request(f"/from-{address}").response().json()
    headers = {name.lower(): value for name, value in echoed["headers"]}
    assert headers["x-forwarded-for"] == address
    line = wait_until(lambda: next((l for l in balanced.output.splitlines() if f"/from-{address}" in l), None), "the access line")
    assert json.loads(line)["ip"] == address


@pytest.mark.parametrize(("prefix", "status"), [(LINE, 200), (SIGNATURE + b"\x21\x11\0\x0c" + V4, 200), (b"PROXY UNKNOWN\r\n", 403)])
def test_policies_see_the_client(balanced, prefix, status):
    with Announced(balanced, prefix, "office") as connection:
        answer = connection.request(headers=["Accept: application/json"]).response()
    assert answer.status in ((status,) if status == 200 else (401, 403))


@pytest.mark.parametrize("first", [b"", b"PROXY TCP4 nonsense\r\n", SIGNATURE + b"\x21\x12\0\x0c" + V4])
def test_nothing_is_served_without_a_header(balanced, first):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Announced(balanced, first)


def test_the_redirect_listener_needs_a_header_too(balanced):
    request = b"GET /a HTTP/1.1\r\nHost: public.localhost\r\n\r\n"
    for prefix, answered in ((LINE, True), (b"", False)):
        with socket.create_connection(("127.0.0.1", balanced.redirect_port), 10) as connection:
            connection.sendall(prefix + request)
            try:
                answer = connection.recv(4096)
            except ConnectionError:
                answer = b""
        assert answer.startswith(b"HTTP/1.1 301") == answered


@pytest.mark.parametrize("kind", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,authority"])
def test_haproxy_stands_in_front(balanced, tmp_path, kind):
    port = free_port()
    (tmp_path / "haproxy.cfg").write_text(
        f"""
defaults
    mode tcp
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend in
    bind 127.0.0.1:{port}
    default_backend postern
backend postern
    server postern 127.0.0.1:{balanced.port} {kind}
"""
    )
    process = subprocess.Popen(["haproxy", "-db", "-f", tmp_path / "haproxy.cfg"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: _accepts(port), "haproxy listens")
        host = f"public.localhost:{balanced.port}"
        # Loopback has more than one address, so that the load balancer's own cannot be mistaken for the client's.
        answer = curl(balanced, f"https://{host}/", "--interface", "127.0.0.77", "--connect-to", f"{host}:127.0.0.1:{port}")
        headers = {name.lower(): value for name, value in answer.json()["headers"]}
        assert headers["x-forwarded-for"] == "127.0.0.77"
    finally:
        process.kill()
        process.wait()


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
