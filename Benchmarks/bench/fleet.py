"""All peers of a run, started side by side, so that a round can ask each of them in turn."""

import socket
from dataclasses import dataclass, field

from . import envoy, haproxy, materials, nginx
from .postern import SignedIn

# isort: split
from support.network import free_port, wait_until

PEERS = ["nginx", "nginx-auth-request", "haproxy", "envoy", "envoy-ext-authz", "envoy-ext-authz-grpc", "postern"]


@dataclass
class Peer:
    name: str
    plain_port: int
    tls_port: int
    #: What serves the plain port and what serves the TLS port; decision servers count for both.
    plain: list = field(default_factory=list)
    tls: list = field(default_factory=list)

    def port(self, tls):
        return self.tls_port if tls else self.plain_port

    def processes(self, tls):
        return self.tls if tls else self.plain


class Fleet:
    def __init__(self, directory, names, files):
        self.names, self.files = names, files
        self.materials = materials.prepare(directory)
        self._running = []
        self.upstream_port, self.decision_port, self.grpc_port = free_port(), free_port(), free_port()
        self._own(nginx.upstream(self.upstream_port, self.materials, files))
        self._wait(self.upstream_port)
        self.decisions = self._own(nginx.decisions(self.decision_port, self.grpc_port, self.materials, files))
        self.session = SignedIn(self.materials.directory / "postern", self.upstream_port)

    def start(self, name, environment=None):
        """Starts a peer on free ports. Only Postern takes an environment."""
        peer = Peer(name, free_port(), free_port())
        one = {
            "nginx": lambda: nginx.proxy(name, peer.plain_port, peer.tls_port, self.upstream_port, self.materials, self.files),
            "nginx-auth-request": lambda: nginx.proxy(
                name, peer.plain_port, peer.tls_port, self.upstream_port, self.materials, self.files, self.decision_port
            ),
            "haproxy": lambda: haproxy.proxy(peer.plain_port, peer.tls_port, self.upstream_port, self.materials, self.files),
            "envoy": lambda: envoy.proxy(name, peer.plain_port, peer.tls_port, self.upstream_port, self.materials),
            "envoy-ext-authz": lambda: envoy.proxy(
                name, peer.plain_port, peer.tls_port, self.upstream_port, self.materials, "http", self.decision_port
            ),
            "envoy-ext-authz-grpc": lambda: envoy.proxy(
                name, peer.plain_port, peer.tls_port, self.upstream_port, self.materials, "grpc", self.grpc_port
            ),
        }
        if name == "postern":
            # One process has one main listener, so the plain port is a second process.
            peer.plain = [self._own(self.session.start("postern-plain", peer.plain_port, self.materials, False, environment))]
            peer.tls = [self._own(self.session.start("postern-tls", peer.tls_port, self.materials, True, environment))]
        else:
            peer.plain = peer.tls = [self._own(one[name]())]
            if name in ("nginx-auth-request", "envoy-ext-authz", "envoy-ext-authz-grpc"):
                peer.plain = peer.tls = [*peer.plain, self.decisions]
        for process, port in ((peer.plain[0], peer.plain_port), (peer.tls[0], peer.tls_port)):
            self._wait(port, process)
        return peer

    def stop(self, peer):
        for process in {id(process): process for process in peer.plain + peer.tls if process is not self.decisions}.values():
            process.stop()
            self._running.remove(process)

    def close(self):
        for process in reversed(self._running):
            process.stop()
        self._running = []

    def fields(self):
        """Header fields of every request to every peer: a browser's, with the session cookie and the Host that it belongs to."""
        return [("Host", self.session.authority), *materials.BROWSER_FIELDS, ("Cookie", self.session.cookie)]

    def _own(self, process):
        self._running.append(process)
        return process

    @staticmethod
    def _wait(port, process=None):
        def listening():
            if process:
                process.check()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                return False

        wait_until(listening, f"something listens on port {port}\n{process.tail() if process else ''}", 30)
