"""Stopping and replacing the process: nobody is refused, and nothing that runs is cut before its time."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from support import configuration
from support.client import RawConnection, WebClient
from support.network import wait_until
from support.people import ANN
from support.server import _environment, binary


class Load:
    """Requests without a pause from several threads; every failure is kept."""

    def __init__(self, server, threads=4, keep_alive=True):
        self.server = server
        self.keep_alive = keep_alive
        self.failures, self.count, self.pids = [], 0, set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self):
        connection = None
        while not self._stop.is_set():
            try:
                if connection is None:
                    connection = RawConnection(self.server, "public", timeout=10)
                response = connection.request("/load").response()
                assert response.status == 200, f"status {response.status}"
                closes = "close" in (response.header("Connection") or "").lower()
                if closes or not self.keep_alive:
                    connection.close()
                    connection = None
                with self._lock:
                    self.count += 1
            except (OSError, AssertionError, AttributeError) as error:
                with self._lock:
                    self.failures.append(f"{time.time():.3f} {type(error).__name__} {error}")
                connection = None


def probe(server, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.configuration.health_port}{path}", timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


class Successor:
    """A further process on the same data directory and configuration."""

    def __init__(self, server):
        self.path = server.directory / "successor.log"
        with self.path.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), "run", "--take-over", "--config", server.configuration_path, "--data-dir", server.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=_environment(), cwd=server.directory,
            )

    @property
    def log(self):
        return self.path.read_text(errors="replace")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log


def exited(server, seconds):
    return server._process.wait(seconds)


def adopt(server, successor):
    """Lets the fixture end the successor in place of the process that is gone."""
    server._process = successor.process


@pytest.mark.parametrize("keep_alive", [True, False])
def test_an_upgrade_refuses_nobody(own, keep_alive):
    server = own.server
    client = WebClient(server)
    client.sign_in(own.url("app"), ANN)
    cookie = client.cookie_header("app")
    with RawConnection(server, "app", timeout=30) as stream, Load(server, keep_alive=keep_alive) as load:
        stream.request("/ticks?count=50", headers=[f"Cookie: {cookie}"])
        stream.rest_until(b"data: 1\n")
        generations = [server]
        for _ in range(2):
            before, old = load.count, server._process
            successor = Successor(server)
            wait_until(lambda: '"message":"the process before this one drains"' in successor.log, f"taken over\n{successor.log}", 30)
            if len(generations) > 1:
                assert old.wait(20) == 0
            adopt(server, successor)
            generations.append((old, successor))
            wait_until(lambda: load.count > before + 50, "the load goes on", 20)
            assert probe(server, "/readyz") == 200
        # The stream of the first process has all its time.
        assert stream.rest_until(b"0\r\n\r\n").count(b"data:") == 48
        assert generations[1][0].wait(20) == 0
    assert load.failures == []
    assert load.count > 100
    # The session is known to the successor.
    assert client.get(own.url("app", "/after"), follow=False).status_code == 200


def test_a_revocation_reaches_the_process_that_drains(own):
    server = own.server
    client = WebClient(server)
    client.sign_in(own.url("app"), ANN)
    with RawConnection(server, "app", timeout=30) as stream:
        stream.request("/ticks?count=200", headers=[f"Cookie: {client.cookie_header('app')}"])
        stream.rest_until(b"data: 1\n")
        old = server._process
        successor = Successor(server)
        wait_until(lambda: '"message":"the process before this one drains"' in successor.log, f"taken over\n{successor.log}", 30)
        adopt(server, successor)
        begin = time.monotonic()
        assert "signed_out" in client.get(own.url("app", "/.pomerium/sign_out")).url
        stream.rest()
        assert time.monotonic() - begin < 5
    assert old.wait(20) == 0


def test_a_changed_policy_reaches_the_process_that_drains(own):
    server = own.server
    client = WebClient(server)
    client.sign_in(own.url("app"), ANN)
    with RawConnection(server, "app", timeout=30) as stream, RawConnection(server, "public", timeout=30) as anonymous:
        stream.request("/ticks?count=200", headers=[f"Cookie: {client.cookie_header('app')}"])
        anonymous.request("/ticks?count=40")
        stream.rest_until(b"data: 1\n")
        old = server._process
        successor = Successor(server)
        wait_until(lambda: '"message":"the process before this one drains"' in successor.log, f"taken over\n{successor.log}", 30)
        adopt(server, successor)
        app = next(route for route in server.configuration.routes if "app.localhost" in route["from"])
        del app["allow_any_authenticated_user"]
        app["policy"] = [{"allow": {"or": [{"email": {"is": "bob@example.com"}}]}}]
        server.configuration_path.write_text(server.configuration.text())
        begin = time.monotonic()
        stream.rest()
        assert time.monotonic() - begin < 5
        # Who is still allowed is not cut.
        assert anonymous.response().body.count(b"data:") == 40
    assert old.wait(20) == 0


def test_a_successor_that_cannot_start_changes_nothing(own):
    server = own.server
    good = server.configuration_path.read_text()
    bad = server.directory / "bad.yaml"
    bad.write_text(good.replace("routes:", "rutes:"))
    done = subprocess.run(
        [binary(), "run", "--take-over", "--config", bad, "--data-dir", server.data], capture_output=True, timeout=30, env=_environment())
    assert done.returncode == 1
    assert probe(server, "/readyz") == 200
    # One that asks and goes away without serving.
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(server.data / "control.sock"))
        peer.sendall(b"take-over 1\n")
        assert socket.recv_fds(peer, 100, 8)[0].startswith(b"sockets ")
    wait_until(lambda: "did not begin to serve" in server.log, "the log tells", 10)
    assert probe(server, "/readyz") == 200
    assert (server.data / "control.sock").stat().st_mode & 0o777 == 0o600


def test_a_take_over_without_a_process_just_starts(start_server, upstream):
    server = start_server(configuration.standard(upstream))
    server.stop()
    successor = Successor(server)
    adopt(server, successor)
    wait_until(lambda: '"message":"serving"' in successor.log, f"serves\n{successor.log}", 30)
    assert "there is no process to take over from" in successor.log


def test_a_stop_lets_streams_end(own):
    server = own.server
    with RawConnection(server, "public", timeout=30) as stream, RawConnection(server, "public", timeout=30) as idle:
        idle.request("/first").response()
        stream.request("/ticks?count=40")
        stream.rest_until(b"data: 1\n")
        process = server._process
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: probe(server, "/readyz") == 503, "readiness fails", 5)
        assert probe(server, "/healthz") == 200
        # A connection of before may still ask, and is told.
        last = idle.request("/last").response()
        assert last.status == 200 and last.header("Connection") == "close"

        def is_closed():
            try:
                socket.create_connection(("127.0.0.1", server.port), 1).close()
                return False
            except OSError:
                return True

        wait_until(is_closed, "the listener closes", 5)
        assert stream.rest_until(b"0\r\n\r\n").count(b"data:") == 38
        assert process.wait(10) == 0


def test_a_second_signal_ends_at_once(own):
    server = own.server
    with RawConnection(server, "public", timeout=30) as stream:
        stream.request("/ticks?count=300")
        stream.rest_until(b"data: 1\n")
        process = server._process
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: '"message":"draining"' in server.log, "it drains", 5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_the_drain_time_is_a_setting(start_server, upstream):
    server = start_server(configuration.standard(upstream, shutdown_drain_timeout="1s"))
    with RawConnection(server, "public", timeout=30) as stream:
        stream.request("/ticks?count=300")
        stream.rest_until(b"data: 1\n")
        begin = time.monotonic()
        server._process.send_signal(signal.SIGTERM)
        assert server._process.wait(10) == 0
        assert 0.9 < time.monotonic() - begin < 5


def test_listeners_stay_for_the_delay(start_server, upstream):
    server = start_server(configuration.standard(upstream, shutdown_delay="2s"))
    server._process.send_signal(signal.SIGTERM)
    wait_until(lambda: probe(server, "/readyz") == 503, "readiness fails", 5)
    with RawConnection(server, "public") as connection:
        assert connection.request("/").response().status == 200
    assert server._process.wait(10) == 0


def test_the_service_manager_is_told(own, tmp_path):
    server = own.server
    server.stop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        notify.settimeout(30)
        with server.log_path.open("ab") as log:
            process = subprocess.Popen(
                [binary(), "run", "--config", server.configuration_path, "--data-dir", server.data],
                stdout=log, stderr=log, env=_environment(NOTIFY_SOCKET=str(tmp_path / "notify")),
            )
        server._process = process
        assert notify.recv(1000).decode() == f"READY=1\nMAINPID={process.pid}\n"
        process.send_signal(signal.SIGHUP)
        assert notify.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert notify.recv(1000) == b"READY=1\n"
        process.send_signal(signal.SIGTERM)
        assert notify.recv(1000) == b"STOPPING=1\n"
        assert process.wait(10) == 0


def test_sockets_of_the_service_manager_are_used(own):
    server = own.server
    server.stop()
    with socket.create_server(("127.0.0.1", server.port)) as listening:
        # systemd passes them from descriptor 3 on and names the process, whose id is known to itself alone.
        script = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); os.execv(sys.argv[2], sys.argv[2:])"
        arguments = [binary(), "run", "--config", server.configuration_path, "--data-dir", server.data]
        with server.log_path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", script, str(listening.fileno()), *map(str, arguments)],
                stdout=log, stderr=log, env=_environment(), pass_fds=[listening.fileno()],
            )
        server._process = process
        wait_until(server._is_ready, f"it serves\n{server.tail()}", 30)
