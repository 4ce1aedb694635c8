"""h2load: ten thousand requests, none of which fails, over HTTP/2 with a hundred streams and over HTTP/1.1."""

import re
import subprocess

import pytest
from conftest import require_http2, route_on_localhost
from harness.peers import tool
from support.configuration import Configuration
from support.upstream import EchoApp


@pytest.fixture(scope="module")
def postern(run_server):
    upstream = EchoApp()
    yield run_server(route_on_localhost(Configuration(), upstream.url))
    upstream.close()


def load(postern, *arguments, path="/", requests=10_000):
    command = [tool("h2load"), f"-n{requests}", *arguments, postern.localhost(path=path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    counts = dict((name, int(number)) for number, name in re.findall(r"(\d+) (succeeded|failed|errored|timeout|2xx)", done.stdout))
    assert counts == {"succeeded": requests, "failed": 0, "errored": 0, "timeout": 0, "2xx": requests}, done.stdout


@pytest.mark.parametrize("path", ["/ping", "/h2load"], ids=["own-endpoint", "application"])
def test_http2(postern, path):
    require_http2(postern)
    load(postern, "-c10", "-m100", path=path, requests=10_000)


def test_http2_with_bodies(postern, tmp_path):
    require_http2(postern)
    (tmp_path / "body").write_bytes(b"b" * 100_000)
    load(postern, "-c4", "-m25", "-d", str(tmp_path / "body"), requests=1_000)


def test_http2_with_large_answers(postern):
    require_http2(postern)
    load(postern, "-c4", "-m10", path="/download?bytes=1048576", requests=200)


@pytest.mark.parametrize("path", ["/ping", "/h2load"], ids=["own-endpoint", "application"])
def test_http1(postern, path):
    load(postern, "--h1", "-c50", path=path)
