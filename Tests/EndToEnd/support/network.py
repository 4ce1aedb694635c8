"""Loopback ports, and the names below .localhost."""

import socket
import time

_getaddrinfo = socket.getaddrinfo


def resolve_localhost_names():
    """Makes every *.localhost name loopback for Python, as browsers and curl do (RFC 6761 section 6.3)."""

    def getaddrinfo(host, *args, **kwargs):
        if isinstance(host, str) and host.endswith(".localhost"):
            host = "127.0.0.1"
        return _getaddrinfo(host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


def free_port():
    """A port that is free now. It stays unused by others because the kernel hands out the next one to the next caller."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=20, pause=0.05):
    """Returns the first true value of condition(); fails with `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)
