"""Memory of connections that have had a request and now wait."""

import json
import socket
import ssl
import subprocess
import sys
import time

from .environment import LOAD_CORE

SETTLE_SECONDS = 3


def measure(fleet, name, tls, count):
    """Bytes for each of `count` connections. The peer is a fresh one: what a busy hour left free would hide the cost."""
    peer = fleet.start(name)
    try:
        process = peer.processes(tls)[0]
        with _Held(peer.port(tls), tls, 200, fleet.fields()):
            pass
        time.sleep(SETTLE_SECONDS)
        before = process.memory()
        with _Held(peer.port(tls), tls, count, fleet.fields()) as held:
            time.sleep(SETTLE_SECONDS)
            process.check()
            after = process.memory()
            alive = held.alive()
        if alive != count:
            raise RuntimeError(f"{name}: {count - alive} of {count} idle connections were closed")
        return {"bytes": (after - before) / count, "connections": count}
    finally:
        fleet.stop(peer)


class _Held:
    """Connections in a process of their own, on the core for load."""

    def __init__(self, port, tls, count, fields):
        request = ["GET /1k HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        self._job = json.dumps({"port": port, "tls": tls, "count": count, "request": "\r\n".join(request) + "\r\n\r\n"})

    def __enter__(self):
        self._process = subprocess.Popen(
            ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "bench.idle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process.stdin.write(self._job + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if answer != "open":
            self._process.kill()
            raise RuntimeError(f"idle connections: {answer or 'the client failed'}")
        return self

    def alive(self):
        self._process.stdin.write("count\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)


def hold():
    job = json.loads(sys.stdin.readline())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request, connections = job["request"].encode(), []
    for number in range(job["count"]):
        plain = socket.socket()
        # Several client addresses, so that ports do not run out however often this is repeated.
        plain.bind((f"127.0.1.{1 + number % 8}", 0))
        plain.settimeout(30)
        # The request follows the end of the handshake at once; with Nagle's algorithm it would wait for a delayed acknowledgement.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.connect(("127.0.0.1", job["port"]))
        connection = context.wrap_socket(plain, server_hostname="localhost") if job["tls"] else plain
        connection.sendall(request)
        answer = b""
        while len(answer) < 1024 or not answer.rstrip().endswith(b"f"):
            block = connection.recv(65536)
            if not block:
                print(f"connection {number} was closed after {len(answer)} bytes: {answer[:60]!r}", flush=True)
                return
            answer += block
        if b" 200 " not in answer[:20]:
            print(f"connection {number}: {answer[:60]!r}", flush=True)
            return
        connection.setblocking(False)
        connections.append(connection)
    print("open", flush=True)
    for _ in sys.stdin:
        print(sum(_open(connection) for connection in connections), flush=True)


def _open(connection):
    try:
        return bool(connection.recv(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False


if __name__ == "__main__":
    hold()
