"""Somebody opens a protected page, signs in, and gets what they asked for."""

from urllib.parse import urljoin, urlsplit

import pytest

from support.client import NAVIGATION, WebClient, is_sign_in
from support.network import wait_until
from support.people import ANN, BOB


def header(echo, name):
    return [value for key, value in echo["headers"] if key.lower() == name.lower()]


def sign_out(deployment, browser):
    """Signs out from the user's own page, through the confirmation if there is one."""
    browser.open(deployment.url("app", "/.pomerium/"))
    browser.press_text("Sign out")
    if browser.heading == "Sign out?":
        browser.press_text("Sign out")


def test_lands_on_the_page_first_asked_for(deployment, open_browser):
    browser = open_browser(deployment.server)
    address = deployment.url("app", "/reports/2026?month=3&name=a%20b&empty=")
    browser.open(address)
    deployment.provider.at_sign_in(browser)
    deployment.provider.sign_in(browser, ANN)
    echo = browser.echo()
    assert browser.url == address
    assert echo["path"] == "/reports/2026?month=3&name=a%20b&empty="
    assert echo["method"] == "GET"


def test_the_application_sees_who_is_there(deployment, open_browser):
    browser = open_browser(deployment.server)
    browser.open(deployment.url("app"))
    deployment.provider.sign_in(browser, ANN)
    echo = browser.echo()
    assert header(echo, "X-Pomerium-Claim-Email") == [ANN.email]
    assert len(header(echo, "X-Pomerium-Jwt-Assertion")) == 1
    # A route that does not ask for identity headers gets none, though the user is the same.
    browser.open(deployment.url("plain"))
    if not browser.has("pre#echo"):
        deployment.provider.sign_in(browser, ANN)
    assert not [name for name, _ in browser.echo()["headers"] if name.lower().startswith("x-pomerium")]


def test_one_sign_in_serves_every_route(deployment, open_browser):
    browser = open_browser(deployment.server)
    browser.open(deployment.url("app"))
    deployment.provider.sign_in(browser, ANN)
    browser.echo()
    browser.open(deployment.url("other", "/second?x=1"))
    assert browser.echo()["path"] == "/second?x=1"


def test_a_person_outside_the_group_is_told_why(embedded, open_browser):
    browser = open_browser(embedded.server)
    browser.open(embedded.url("admins", "/secret"))
    embedded.provider.sign_in(browser, BOB)
    assert browser.url.startswith(embedded.url("admins"))
    assert "403" in browser.text
    assert BOB.email in browser.text
    assert browser.labelled("Sign in as somebody else")
    request_id = browser.driver.find_elements("css selector", "code")[-1].text
    assert len(request_id) >= 8
    wait_until(lambda: request_id in embedded.server.log, "the request id is in the log", 5)
    assert not embedded.upstream.seen("/secret")


def test_somebody_else_can_sign_in_after_a_refusal(embedded, open_browser):
    browser = open_browser(embedded.server)
    browser.open(embedded.url("admins", "/handover?x=1"))
    embedded.provider.sign_in(browser, BOB)
    browser.press_text("Sign in as somebody else")
    if browser.heading == "Sign out?":
        browser.press_text("Sign out")
    if not browser.has("input[name=password]"):
        browser.open(embedded.url("admins", "/handover?x=1"))
    embedded.provider.sign_in(browser, ANN)
    assert browser.echo()["path"] == "/handover?x=1"


def test_after_sign_out_the_page_asks_again(deployment, open_browser):
    browser = open_browser(deployment.server)
    browser.open(deployment.url("app"))
    deployment.provider.sign_in(browser, ANN)
    browser.echo()
    sign_out(deployment, browser)
    for host in ("app", "other"):
        browser.open(deployment.url(host, "/again"))
        deployment.provider.at_sign_in(browser)


def test_the_users_own_page_names_them_and_no_token(deployment, open_browser):
    browser = open_browser(deployment.server)
    browser.open(deployment.url("app", "/.pomerium/"))
    assert "not signed in" in browser.text.lower()
    browser.open(deployment.url("app"))
    deployment.provider.sign_in(browser, ANN)
    browser.open(deployment.url("app", "/.pomerium/"))
    assert ANN.email in browser.text and "admins" in browser.text
    assert "eyJ" not in browser.driver.page_source


def test_wrong_passwords_say_the_same_for_known_and_unknown_people(embedded, client):
    answers = []
    for email in (ANN.email, "nobody@example.com"):
        form = client.get(embedded.url("app"))
        answer = client.submit(form, email=email, password="wrong")
        assert 'type="password"' in answer.text
        answers.append((answer.status_code, answer.text.count("wrong"), "alert" in answer.text))
    assert answers[0] == answers[1]


def test_the_form_cannot_be_submitted_from_another_site(embedded):
    client = WebClient(embedded.server)
    form = client.get(embedded.url("app"))
    # The visitor's browser never got a form from us, so it has no cookie that would go with the token.
    stranger = WebClient(embedded.server)
    stranger.headers = {"Origin": "https://evil.example", "Referer": "https://evil.example/", "Sec-Fetch-Site": "cross-site"}
    answer = stranger.submit(form, email=ANN.email, password=ANN.password)
    stranger.headers = {}
    assert answer.status_code < 500
    assert is_sign_in(stranger.get(embedded.url("app"), follow=False))


def test_a_restart_between_form_and_submission_loses_nothing(own, open_browser):
    browser = open_browser(own.server)
    address = own.url("app", "/kept?over=restart")
    browser.open(address)
    own.provider.at_sign_in(browser)
    own.server.restart()
    own.provider.sign_in(browser, ANN)
    assert browser.echo()["path"] == "/kept?over=restart"
    assert browser.url == address


def test_a_sign_in_that_takes_twenty_minutes_still_finishes(start_server, clock, upstream, open_browser):
    from support import configuration
    from support.people import EmbeddedProvider

    server = start_server(configuration.standard(upstream), clock)
    EmbeddedProvider().prepare(server)
    browser = open_browser(server)
    address = server.configuration.url("app", "/slow?typist=1")
    browser.open(address)
    browser.wait_for("input[name=password]")
    clock.set(20 * 60)
    browser.fill_sign_in(ANN)
    assert browser.echo()["path"] == "/slow?typist=1"


def test_a_session_ends_after_its_lifetime(start_server, clock, upstream):
    from support import configuration
    from support.people import EmbeddedProvider

    server = start_server(configuration.standard(upstream, cookie_expire="2h"), clock)
    EmbeddedProvider().prepare(server)
    client = WebClient(server)
    address = server.configuration.url("app")
    assert "echo" in client.sign_in(address, ANN).text
    clock.set(119 * 60)
    assert "echo" in client.get(address, follow=False).text
    clock.set(121 * 60)
    assert is_sign_in(client.get(address, follow=False))


def test_a_form_whose_cookies_were_deleted_leads_back_to_sign_in(embedded, open_browser):
    browser = open_browser(embedded.server)
    address = embedded.url("app", "/stale?tab=1")
    browser.open(address)
    embedded.provider.at_sign_in(browser)
    browser.delete_cookies()
    embedded.provider.sign_in(browser, ANN)
    if browser.has("pre#echo"):
        return
    assert "50" not in browser.heading
    if not browser.has("input[name=password]"):
        browser.press(browser.wait_for("a.button"))
    if not browser.has("pre#echo"):
        embedded.provider.sign_in(browser, ANN)
    assert browser.echo()["path"] == "/stale?tab=1"


def test_a_browser_that_keeps_no_cookies_is_told_so(embedded):
    client = WebClient(embedded.server, keeps_cookies=False)
    response = client.get(embedded.url("app"))
    assert response.status_code < 500
    form = response
    for _ in range(3):
        if 'type="password"' not in form.text:
            break
        form = client.submit(form, email=ANN.email, password=ANN.password)
    assert 'type="password"' not in form.text or "cookie" in form.text.lower()
    assert "cookie" in form.text.lower()


@pytest.mark.parametrize("path", ["/.pomerium/callback", "/oauth2/callback"])
def test_a_callback_signs_in_only_the_browser_that_started(embedded, open_browser, path):
    """Login CSRF: an attacker hands the victim a callback of the attacker's own sign-in."""
    attacker = WebClient(embedded.server)
    form = attacker.get(embedded.url("app", "/attackers"))
    answer = attacker.submit(form, follow=False, email=ANN.email, password=ANN.password)
    callback = None
    while answer.status_code in (302, 303, 307):
        location = urljoin(answer.url, answer.headers["Location"])
        if urlsplit(location).path.startswith(path):
            callback = location
            break
        answer = attacker.get(location, follow=False)
    if callback is None:
        pytest.skip(f"this sign-in has no redirect to {path}")
    victim = open_browser(embedded.server)
    victim.open(callback)
    victim.open(embedded.url("app", "/victims"))
    embedded.provider.at_sign_in(victim)
    assert not embedded.upstream.seen("/victims")
    # The attacker's own browser is not locked out by the attempt.
    assert attacker.get(callback).status_code < 500


def test_a_callback_works_once(embedded):
    client = WebClient(embedded.server)
    form = client.get(embedded.url("app"))
    hops = list(client.hops(client.submit(form, follow=False, email=ANN.email, password=ANN.password)))
    assert "echo" in hops[-1].text
    callback = next((hop.url for hop in hops if "callback" in urlsplit(hop.url).path), None)
    assert callback is not None, [hop.url for hop in hops]
    thief = WebClient(embedded.server)
    assert thief.get(callback).status_code < 500
    assert is_sign_in(thief.get(embedded.url("app"), follow=False))


def test_the_session_cookie_is_protected(embedded, signed_in):
    cookies = [cookie for cookie in signed_in.session.cookies if "app" in cookie.domain]
    assert cookies
    for cookie in cookies:
        assert cookie.secure and cookie.has_nonstandard_attr("HttpOnly"), cookie
        assert not cookie.domain_specified, cookie
        assert (cookie.get_nonstandard_attr("SameSite") or "").lower() in ("lax", "strict"), cookie


def test_a_submission_without_a_session_is_not_turned_into_a_get(embedded):
    client = WebClient(embedded.server)
    response = client.session.post(embedded.url("app", "/save"), data={"a": "b"}, headers=NAVIGATION, allow_redirects=False)
    assert response.status_code in (302, 303, 401)
    assert not embedded.upstream.seen("/save")
