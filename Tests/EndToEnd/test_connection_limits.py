"""How many connections clients may have, and how connections to nobody end."""

import json
import socket
import ssl
from pathlib import Path


from support import configuration
from support.client import RawConnection
from support.network import free_port, wait_until
from test_reload import await_reload, metrics, status, write_in_place
from test_tunnels import TCPService, Tunnel
from test_upgrade import probe


def is_served(server, source="127.0.0.1"):
    """Whether a new connection from that address is answered; it is closed again, which the server sees a moment later."""
    context = ssl.create_default_context(cafile=str(server.ca))
    try:
        with socket.create_connection(("127.0.0.1", server.port), 5, (source, 0)) as plain:
            with context.wrap_socket(plain, server_hostname="public.localhost") as connection:
                connection.sendall(f"GET / HTTP/1.1\r\nHost: public.localhost:{server.port}\r\n\r\n".encode())
                return connection.recv(100).startswith(b"HTTP/1.1 200")
    except (ConnectionError, ssl.SSLError):
        return False


def hold(server, count):
    connections = [RawConnection(server, "public") for _ in range(count)]
    for connection in connections:
        assert connection.request("/").response().status == 200
    return connections


def test_connections_beyond_the_limit_are_closed_at_once(start_server, upstream):
    port = free_port()
    limits = {"max_client_connections": 5, "max_client_connections_per_address": 0}
    server = start_server(configuration.standard(upstream, metrics_address=f"127.0.0.1:{port}", **limits))
    held = hold(server, 5)
    assert not any(is_served(server) for _ in range(20))
    # Probes and metrics are no clients.
    assert probe(server, "/readyz") == 200
    seen = metrics(port)
    assert seen['pomerium_http_server_connections_refused_total{limit="total"}'] == "20"
    assert held[0].request("/").response().status == 200
    lines = [json.loads(line) for line in server.log.splitlines() if "connections refused" in line]
    assert 1 <= len(lines) <= 5 and lines[0]["level"] == "warn" and lines[0]["limit"] == "max_client_connections" and lines[0]["ip"] == "127.0.0.1"
    # A reload changes the limit.
    before = status(server)
    server.configuration.settings["max_client_connections"] = 50
    write_in_place(server, server.configuration.text())
    await_reload(server, before)
    assert is_served(server)
    for connection in held:
        connection.close()


def test_one_address_cannot_shut_others_out(start_server, upstream):
    server = start_server(configuration.standard(upstream, max_client_connections=8))
    held = hold(server, 4)
    assert not is_served(server)
    assert is_served(server, "127.0.0.2")
    held.pop().close()
    wait_until(lambda: is_served(server), "there is room again", 10)
    for connection in held:
        connection.close()


def timers(port):
    """Of each open connection that has a port at either end: its ports, and the seconds to its keepalive probe, or None (proc_net_tcp.txt of Linux)."""
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, remote = (int(fields[index].split(":")[1], 16) for index in (1, 2))
        kind, ticks = fields[5].split(":")
        if fields[3] == "01" and port in (local, remote):
            found.append((local, remote, int(ticks, 16) / 100 if kind == "02" else None))
    return found


def test_silent_connections_are_probed(start_server, upstream):
    """A client behind a NAT that is gone, and an application on a machine that is, would otherwise keep their tunnels for ever."""
    service = TCPService()
    config = configuration.standard(upstream)
    config.tunnel("open", 5432, f"tcp://127.0.0.1:{service.port}", allow_public_unauthenticated_access=True)
    server = start_server(config)
    tunnel = Tunnel(server, "open.localhost:5432")
    tunnel.send(b"hello")
    assert tunnel.receive() == b"hello"

    def both_are_armed():
        client = [seconds for local, _, seconds in timers(server.port) if local == server.port]
        application = [seconds for local, remote, seconds in timers(service.port) if remote == service.port]
        return len(client) >= 1 and len(application) == 1 and all(seconds and 30 < seconds <= 61 for seconds in client + application)

    wait_until(both_are_armed, f"keepalive on both sides: {timers(server.port)} {timers(service.port)}", 10)
    tunnel.close()
    service.close()
