"""Fixtures. A deployment is a running server, the application behind it, and an identity provider that knows Ann and Bob."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import configuration, network, server
from support.browser import Browser
from support.client import WebClient
from support.people import ANN, EmbeddedProvider, MockProvider
from support.server import Clock, PosternServer
from support.upstream import EchoApp

network.resolve_localhost_names()


@dataclass
class Deployment:
    server: PosternServer
    upstream: EchoApp
    provider: object

    def url(self, host, path="/"):
        return self.server.configuration.url(host, path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for running in server.running:
            report.sections.append((f"log of the server on port {running.port}", running.tail()))
    return report


@pytest.fixture(scope="session")
def upstream():
    app = EchoApp()
    yield app
    app.close()


@pytest.fixture
def start_server():
    """Starts servers of the test's own: start_server(configuration, clock=None)."""
    started = []

    def start(config, clock=None):
        postern = PosternServer(Path(tempfile.mkdtemp(prefix="postern-e2e-")), config, clock)
        started.append(postern)
        return postern.start()

    yield start
    for postern in started:
        postern.close()


@pytest.fixture
def clock(tmp_path):
    """A clock that the test moves."""
    return Clock(tmp_path)


def _deployments(upstream, providers):
    with tempfile.TemporaryDirectory(prefix="postern-e2e-") as directory:
        directory = Path(directory)
        provider = providers(directory)
        postern = PosternServer(directory / "server", configuration.standard(upstream, **provider.settings))
        try:
            postern.start()
            provider.prepare(postern)
            yield Deployment(postern, upstream, provider)
        finally:
            postern.close()
            provider.close()


@pytest.fixture(scope="session")
def embedded(upstream):
    """The deployment with the embedded provider, shared by all tests: leave its users and its process as they are."""
    yield from _deployments(upstream, lambda _: EmbeddedProvider())


@pytest.fixture(scope="session")
def oidc(upstream):
    """The deployment with an OpenID Connect provider beside it, shared by all tests."""
    yield from _deployments(upstream, MockProvider)


@pytest.fixture(params=["embedded", "oidc"])
def deployment(request):
    """Each of the two shared deployments in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def own(upstream):
    """A deployment with the embedded provider that the test may restart and change as it likes."""
    yield from _deployments(upstream, lambda _: EmbeddedProvider())


@pytest.fixture
def open_browser():
    """Starts browsers, each with a profile of its own: open_browser(server)."""
    opened = []

    def start(postern):
        browser = Browser(postern.ca)
        opened.append(browser)
        return browser

    yield start
    for browser in opened:
        browser.close()


@pytest.fixture
def client(embedded):
    """A client without cookies yet, for the shared deployment with the embedded provider."""
    return WebClient(embedded.server)


@pytest.fixture(scope="session")
def signed_in(embedded):
    """A client that is signed in as Ann at the application's route."""
    client = WebClient(embedded.server)
    page = client.sign_in(embedded.url("app", "/first"), ANN)
    assert page.status_code == 200 and "echo" in page.text, f"{page.status_code} {page.url}\n{page.text[:2000]}"
    return client
