"""The memory of the process has a limit, whoever sends what: hostile clients cannot push it over, and the others are told, or served."""

import contextlib
import json
import os
import re
import resource
import socket
import ssl
import threading
import time
import urllib.request
from pathlib import Path

import h2.config
import h2.connection
import pytest

from support import configuration
from support.client import RawConnection, curl
from support.network import free_port, wait_until
from support.server import run_cli
from test_reload import await_reload, metrics, status, write_in_place
from test_upgrade import probe

MIB = 1 << 20
#: Clients that attack at the same time, and what each sends of a head that never ends.
ATTACKERS = 3000
HEAD = 50 * 1024
#: What may come on top of the limit between two readings of the memory.
SLACK = 24 * MIB




@pytest.fixture(scope="module", autouse=True)
def many_open_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * ATTACKERS
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"the limit of open files is {hard}, the attack needs {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted) if soft != resource.RLIM_INFINITY else soft, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def resident(server):
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


class Peak:
    """The most memory that the process has had, looked at all the time."""

    def __init__(self, server):
        self._server = server
        self._ended = threading.Event()
        self.bytes = 0
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._ended.wait(0.002):
            self.bytes = max(self.bytes, resident(self._server))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


def tls_context(server, *protocols):
    context = ssl.create_default_context(cafile=str(server.ca))
    context.set_alpn_protocols(list(protocols))
    return context


def unfinished_head(server):
    return f"GET / HTTP/1.1\r\nHost: public.localhost:{server.port}\r\nX-Filler: ".encode() + b"a" * HEAD


def unfinished_fields(server):
    """Of HTTP/2: a HEADERS frame without END_HEADERS, and CONTINUATION frames that never end it (RFC 9113 section 6.10)."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    connection.initiate_connection()
    frame = lambda kind, payload: len(payload).to_bytes(3, "big") + bytes([kind, 0]) + (1).to_bytes(4, "big") + payload
    # A literal field without indexing whose value has more bytes than will ever come (RFC 7541 sections 6.2.2 and 5.1).
    block = b"\x00\x01x" + b"\x7f" + bytes([0x81, 0x80 | 0x7F, 0x05]) + b"a" * HEAD
    parts = [block[start : start + 16000] for start in range(0, len(block), 16000)]
    return connection.data_to_send() + frame(1, parts[0]) + b"".join(frame(9, part) for part in parts[1:])


def unfinished_form(server):
    """Of HTTP/2: a POST to one of the product's own pages, whose content never ends."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    connection.initiate_connection()
    fields = [(":method", "POST"), (":scheme", "https"), (":path", "/.pomerium/sign_out"), (":authority", f"public.localhost:{server.port}")]
    connection.send_headers(1, fields)
    for _ in range(0, HEAD, 10_000):
        connection.send_data(1, b"a" * 10_000)
    return connection.data_to_send()


def attack_with(server, context, data):
    """Opens ATTACKERS connections, from several addresses, that send `data` and wait. Those that are refused are no matter."""
    held = []
    for number in range(ATTACKERS):
        plain = socket.socket()
        plain.settimeout(0.5)
        try:
            plain.bind((f"127.0.2.{1 + number % 50}", 0))
            plain.connect(("127.0.0.1", server.port))
            connection = plain
            if context:
                connection = context.wrap_socket(plain, server_hostname="public.localhost")
            connection.settimeout(0.2)
            held.append(connection)
            connection.sendall(data)
        except OSError:
            plain.close()
    return held


@contextlib.contextmanager
def limited(start_server, upstream, more=48 * MIB, **settings):
    """A server whose limit is a little more than it needs without clients, and its metrics port."""
    port = free_port()
    config = configuration.standard(upstream, metrics_address=f"127.0.0.1:{port}", max_client_connections_per_address=0, **settings)
    server = start_server(config)
    # What the first requests leave behind for good belongs to what it needs.
    warm_up(server)
    before = status(server)
    limit = resident(server) + more
    server.configuration.settings["memory_limit"] = f"{limit // 1024}KiB"
    write_in_place(server, server.configuration.text())
    await_reload(server, before)
    limit = limit // 1024 * 1024
    wait_until(lambda: memory(server)["limit_bytes"] == limit, "the limit counts", 5)
    yield server, limit, port


def warm_up(server):
    scheme_is_tls = not server.configuration.settings.get("insecure_server")
    for _ in range(20):
        if scheme_is_tls:
            assert curl(server, server.configuration.url("public")).status == 200
        else:
            assert plain_request(server).startswith(b"HTTP/1.1 200")


def plain_request(server, path="/"):
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: public.localhost:{server.port}\r\nAccept: application/json\r\n\r\n".encode())
        try:
            return connection.recv(4096)
        except ConnectionError:
            return b""


def ask(server):
    """What a visitor gets who comes now: status and detail, or (0, "") where the connection is closed at once. Never waits long."""
    started = time.monotonic()
    try:
        if server.configuration.settings.get("insecure_server"):
            text = plain_request(server)
        else:
            with RawConnection(server, timeout=5) as connection:
                connection.request("/", headers=["Accept: application/json"])
                text = connection.rest_until(b"}")
    except (ConnectionError, ssl.SSLError):
        text = b""
    assert time.monotonic() - started < 4, "a visitor was kept waiting"
    detail = re.search(rb'"statusText": ?"([^"]*)"', text)
    return (int(text.split()[1]) if text else 0), (detail[1].decode() if detail else "")


def memory(server):
    """The member of `/status`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.configuration.health_port}/status", timeout=5) as answer:
        return json.load(answer)["memory"]


def levels(server):
    return [json.loads(line)["memory-level"] for line in server.log.splitlines() if '"memory-level"' in line]


#: How clients attack: over TLS or not, the version of HTTP, what they send, and whether it is held at all: field blocks in that many pieces may be refused.
ATTACKS = {
    "plain": (False, "http/1.1", unfinished_head, True),
    "tls": (True, "http/1.1", unfinished_head, True),
    "http2": (False, "h2", unfinished_form, True),
    "tls-http2": (True, "h2", unfinished_form, True),
    "tls-http2-fields": (True, "h2", unfinished_fields, False),
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_requests_that_never_end_cannot_push_the_process_over_its_limit(start_server, upstream, kind):
    is_tls, version, make, is_held = ATTACKS[kind]
    settings = {} if is_tls else {"insecure_server": True}
    with limited(start_server, upstream, **settings) as (server, limit, port):
        idle = resident(server)
        context = tls_context(server, version) if is_tls else None
        data = make(server)
        answers, ended = [], threading.Event()

        def visit():
            while not ended.wait(0.1):
                answers.append(ask(server))

        visitor = threading.Thread(target=visit, daemon=True)
        with Peak(server) as peak:
            visitor.start()
            try:
                held = attack_with(server, context, data)
                # Probes are answered in the middle of it.
                assert probe(server, "/healthz") == 200 and probe(server, "/status") == 200
                seen = memory(server)
                time.sleep(1)
            finally:
                ended.set()
                visitor.join(10)
        print(f"{kind}: idle {idle >> 20} MiB, limit {limit >> 20} MiB, peak {peak.bytes >> 20} MiB, held {len(held)}, levels {levels(server)}")
        assert ATTACKERS * HEAD > limit - idle, "the attack is too small to show anything"
        assert peak.bytes < limit + SLACK
        assert seen["limit_bytes"] == limit
        assert "high" in levels(server) or not is_held
        assert answers and set(answers) <= {(200, ""), (503, "overload"), (0, "")}, set(answers)
        for connection in held:
            connection.close()
        wait_until(lambda: memory(server)["level"] == "normal", "the memory is free again", 20)
        wait_until(lambda: probe(server, "/readyz") == 200, "ready again", 5)
        for _ in range(20):
            assert ask(server) == (200, "")
        assert levels(server)[-1:] in ([], ["normal"])
        assert metrics(port)["postern_memory_level"] == "0"


def test_a_limit_that_is_too_little_keeps_nobody_out(start_server, upstream):
    server = start_server(configuration.standard(upstream, memory_limit="32MiB"))
    line = wait_until(
        lambda: next((json.loads(line) for line in server.log.splitlines() if "memory_limit is less than" in line), None), "it is said", 5
    )
    assert line["level"] == "error" and int(line["limit-bytes"]) == 32 * MIB < int(line["resident-bytes"]) < int(line["used-limit-bytes"])
    wait_until(lambda: memory(server)["level"] == "normal", "nobody is kept out", 5)
    seen = memory(server)
    assert (seen["level"], seen["limit_bytes"], seen["used_limit_bytes"]) == ("normal", 32 * MIB, int(line["used-limit-bytes"]))
    for _ in range(5):
        assert ask(server) == (200, "")
    assert probe(server, "/readyz") == 200


def test_the_limit_is_a_share_of_what_there_is_and_can_be_switched_off(start_server, upstream):
    port = free_port()
    server = start_server(configuration.standard(upstream, metrics_address=f"127.0.0.1:{port}"))
    wait_until(lambda: memory(server)["resident_bytes"] > 0, "the first reading", 5)
    limit = memory(server)["limit_bytes"]
    machine = resource.getpagesize() * os.sysconf("SC_PHYS_PAGES")
    assert 0 < limit <= machine * 0.85
    assert metrics(port)["postern_memory_limit_bytes"] == str(limit)
    before = status(server)
    server.configuration.settings["memory_limit"] = "0"
    write_in_place(server, server.configuration.text())
    await_reload(server, before)
    wait_until(lambda: memory(server)["limit_bytes"] is None, "no limit", 5)


def test_a_wrong_limit_is_refused_where_it_stands(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("authenticate_service_url: https://a.example.com\nmemory_limit: 512 pages\n")
    result = run_cli("check", path)
    assert result.returncode == 1
    assert "config.yaml:2:15: error: memory_limit: unknown unit in the size 512 pages [invalid-size]" in result.stdout + result.stderr
