"""Sign-in at a provider of its own process, and what happens when that provider says no or says nothing."""

import pytest

from support import configuration
from support.client import WebClient, curl, is_sign_in
from support.network import wait_until
from support.people import ANN, BOB, MockProvider


@pytest.fixture
def own_provider(tmp_path):
    provider = MockProvider(tmp_path)
    yield provider
    provider.close()


def test_claims_of_the_provider_reach_the_application(oidc, open_browser):
    browser = open_browser(oidc.server)
    browser.open(oidc.url("app"))
    oidc.provider.sign_in(browser, ANN)
    headers = dict(browser.echo()["headers"])
    assert {name.lower(): value for name, value in headers.items()}["x-pomerium-claim-email"] == ANN.email


def test_the_user_may_refuse_at_the_provider(oidc, open_browser):
    browser = open_browser(oidc.server)
    browser.open(oidc.url("app", "/refused"))
    oidc.provider.at_sign_in(browser)
    browser.press_text("Deny")
    assert "authenticate.localhost" in browser.url or "app.localhost" in browser.url
    assert "401" in browser.text or "403" in browser.text
    assert not oidc.upstream.seen("/refused")
    # The way back is open.
    browser.open(oidc.url("app", "/refused"))
    oidc.provider.sign_in(browser, ANN)
    assert browser.echo()["path"] == "/refused"


def test_people_of_one_provider_are_told_apart(oidc, open_browser):
    first, second = open_browser(oidc.server), open_browser(oidc.server)
    for browser, person in ((first, ANN), (second, BOB)):
        browser.open(oidc.url("ann", "/mine"))
        oidc.provider.sign_in(browser, person)
    assert first.echo()["path"] == "/mine"
    assert "403" in second.text and BOB.email in second.text


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied", "?error=server_error&state=x", "?code=x&state=" + "A" * 4000],
)
def test_a_made_up_answer_of_the_provider_signs_nobody_in(oidc, query):
    """It starts a sign-in of its own: whoever lost the way gets a new one, and a made-up answer gets no session."""
    answer = curl(oidc.server, oidc.url("authenticate", "/oauth2/callback" + query), headers=["Accept: text/html"])
    if "error=" in query:
        assert answer.status == 401
    else:
        assert answer.status == 302 and answer.header("Location").startswith(oidc.provider.settings["idp_provider_url"])
    names = [cookie.split("=")[0] for cookie in answer.all("Set-Cookie")]
    assert not [name for name in names if name in ("__Host-_pomerium", "__Host-_pomerium_authenticate")]


def test_a_provider_that_is_down_is_named(start_server, own_provider, upstream):
    server = start_server(configuration.standard(upstream, **own_provider.settings))
    own_provider.stop()
    client = WebClient(server)
    answer = client.get(server.configuration.url("app"))
    assert answer.status_code in (500, 502, 503, 504), answer.text[:500]
    assert "identity provider" in answer.text.lower()
    own_provider.start()
    # The failure is remembered for about a second, so that a provider that is down is not asked by everybody at once.
    wait_until(lambda: client.get(server.configuration.url("app")).url.startswith(own_provider.url), "sign-in works again", pause=0.3)


def test_a_provider_that_is_down_does_not_end_sessions(start_server, own_provider, upstream, open_browser):
    server = start_server(configuration.standard(upstream, **own_provider.settings))
    browser = open_browser(server)
    browser.open(server.configuration.url("app"))
    own_provider.sign_in(browser, ANN)
    browser.echo()
    own_provider.stop()
    browser.open(server.configuration.url("app", "/still-here"))
    assert browser.echo()["path"] == "/still-here"


def test_the_server_starts_before_its_provider(start_server, own_provider, upstream):
    own_provider.stop()
    server = start_server(configuration.standard(upstream, **own_provider.settings))
    assert curl(server, server.configuration.url("public")).status == 200
    own_provider.start()
    wait_until(lambda: WebClient(server).get(server.configuration.url("app")).url.startswith(own_provider.url), "sign-in works", pause=0.3)


def test_sign_in_for_two_people_in_one_browser_one_after_the_other(oidc, open_browser):
    browser = open_browser(oidc.server)
    browser.open(oidc.url("app"))
    oidc.provider.sign_in(browser, ANN)
    browser.echo()
    browser.delete_cookies()
    browser.open(oidc.url("app"))
    oidc.provider.sign_in(browser, BOB)
    assert BOB.email in str(browser.echo()["headers"])


def test_the_redirect_to_the_provider_carries_pkce_state_and_nonce(oidc):
    client = WebClient(oidc.server)
    hops = list(client.hops(client.get(oidc.url("app", "/secret-path?token=1"), follow=False)))
    assert is_sign_in(hops[0])
    authorize = hops[-1].url
    for part in ("response_type=code", "client_id=postern", "state=", "nonce=", "code_challenge=", "code_challenge_method=S256"):
        assert part in authorize, authorize
    assert "secret-path" not in authorize and "mock-client-secret" not in authorize
