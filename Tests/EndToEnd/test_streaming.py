"""Bodies of any size pass through, in both directions, while the server's memory stays where it is."""

import hashlib
import subprocess
import threading
import time

import pytest

from support.client import RawConnection
from support.upstream import BLOCK

SIZE = 100 * 1024 * 1024
ALLOWED = 48 * 1024 * 1024


@pytest.fixture
def bounded(embedded):
    """Fails when the server's memory rises by more than a small part of what is streamed."""
    before = embedded.server.memory()
    highest = [before]
    stop = threading.Event()

    def watch():
        while not stop.wait(0.02):
            highest[0] = max(highest[0], embedded.server.memory())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield
    stop.set()
    watcher.join()
    grown = highest[0] - before
    assert grown < ALLOWED, f"memory rose by {grown // 1024} KiB, from {before // 1024} KiB"


@pytest.fixture(scope="module")
def big_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("upload") / "big"
    with path.open("wb") as file:
        for _ in range(SIZE // len(BLOCK)):
            file.write(BLOCK)
    return path


def expected_digest():
    digest = hashlib.sha256()
    for _ in range(SIZE // len(BLOCK)):
        digest.update(BLOCK)
    return digest.hexdigest()


def stream(embedded, path, *arguments):
    """Runs curl with its output hashed on the way."""
    command = ["curl", "-sS", "--fail", "--max-time", "120", "--cacert", embedded.server.ca, *arguments, embedded.url("public", path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    digest, length = hashlib.sha256(), 0
    while block := process.stdout.read(1 << 16):
        digest.update(block)
        length += len(block)
    assert process.wait() == 0
    return length, digest.hexdigest()


@pytest.mark.parametrize("query", ["", "&chunked=1"])
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_large_download(embedded, bounded, query, version):
    assert stream(embedded, f"/download?bytes={SIZE}{query}", version) == (SIZE, expected_digest())


@pytest.mark.parametrize("chunked", [[], ["-H", "Transfer-Encoding: chunked"]])
def test_a_large_upload(embedded, bounded, big_file, chunked):
    before = len(embedded.upstream.seen("/upload"))
    stream(embedded, "/upload", "--http1.1", "-X", "POST", "-H", "Expect:", *chunked, "-T", str(big_file))
    request = embedded.upstream.seen("/upload")[before]
    assert (request["body_length"], request["body_sha256"]) == (SIZE, expected_digest())


def test_a_reader_that_stops_does_not_fill_the_server(embedded, bounded):
    with RawConnection(embedded.server, timeout=60) as connection:
        connection.request(f"/download?bytes={SIZE}")
        connection.socket.recv(1000)
        time.sleep(3)


def test_many_readers_that_stop_do_not_fill_the_server(embedded, bounded):
    connections = [RawConnection(embedded.server).request(f"/download?bytes={SIZE}") for _ in range(30)]
    time.sleep(3)
    for connection in connections:
        connection.close()


def test_a_writer_waits_for_an_application_that_does_not_read(embedded, bounded):
    with RawConnection(embedded.server, timeout=3) as connection:
        connection.request("/unread", "POST", [f"Content-Length: {SIZE}"])
        sent = 0
        try:
            while sent < SIZE:
                connection.send(BLOCK)
                sent += len(BLOCK)
        except (OSError, TimeoutError):
            pass
        assert sent < SIZE // 2, "the server took in a body that nobody reads"


def test_a_body_for_an_own_endpoint_is_not_taken_in(embedded, bounded):
    """An own endpoint reads no body; one of 100 MiB must not be taken in."""
    with RawConnection(embedded.server, timeout=3) as connection:
        connection.request("/ping", "POST", [f"Content-Length: {SIZE}"])
        sent = 0
        try:
            while sent < SIZE:
                connection.send(BLOCK)
                sent += len(BLOCK)
        except (OSError, TimeoutError):
            pass
        assert sent < SIZE, "an own endpoint read a body of 100 MiB"


def test_an_event_stream_is_not_held_back(embedded):
    with RawConnection(embedded.server) as connection:
        start = time.monotonic()
        connection.request("/ticks?count=30")
        first = connection.socket.recv(4096)
        while b"data: 0" not in first:
            first += connection.socket.recv(4096)
        assert time.monotonic() - start < 1
        assert b"data: 29" in connection.rest_until(b"data: 29")
        assert time.monotonic() - start > 2.5


def test_a_client_that_leaves_ends_the_upstream_request(embedded):
    before = embedded.server.memory("VmRSS")
    for _ in range(20):
        connection = RawConnection(embedded.server)
        connection.request("/ticks?count=600")
        connection.socket.recv(100)
        connection.close()
    time.sleep(1)
    assert embedded.server.memory("VmRSS") - before < ALLOWED


def test_many_at_once(embedded, bounded):
    results = []

    def fetch():
        results.append(stream(embedded, "/download?bytes=5242880")[0])

    threads = [threading.Thread(target=fetch) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [5242880] * 20
