"""A browser restores twenty tabs at once, and somebody signs in to them one after the other in no particular order."""

import random

from support.people import ANN

TABS = 20


def test_every_tab_ends_on_its_own_page(deployment, open_browser):
    browser = open_browser(deployment.server)
    pages = {}
    for number in range(TABS):
        path = f"/tabs/{number}?number={number}"
        pages[browser.new_tab(deployment.url("app" if number % 2 else "other", path))] = path
    order = list(pages)
    random.Random(20).shuffle(order)
    for tab in order:
        deployment.provider.at_sign_in(browser.switch(tab))
    for tab in order:
        browser.switch(tab)
        deployment.provider.sign_in(browser, ANN)
        assert browser.echo()["path"] == pages[tab]
        assert browser.url.endswith(pages[tab])
    # Whatever order they finished in, each page is still open to the one session that is left.
    for tab in order:
        browser.switch(tab).driver.refresh()
        assert browser.echo()["path"] == pages[tab]


def test_a_tab_left_open_during_sign_in_elsewhere_needs_only_a_reload(deployment, open_browser):
    browser = open_browser(deployment.server)
    first = browser.new_tab(deployment.url("app", "/left"))
    deployment.provider.at_sign_in(browser)
    browser.new_tab(deployment.url("app", "/right"))
    deployment.provider.sign_in(browser, ANN)
    assert browser.echo()["path"] == "/right"
    browser.switch(first).open(deployment.url("app", "/left"))
    assert browser.echo()["path"] == "/left"


def test_the_same_form_can_be_submitted_twice(deployment, open_browser):
    """A double click, or the back button after signing in."""
    browser = open_browser(deployment.server)
    browser.open(deployment.url("app", "/twice"))
    deployment.provider.sign_in(browser, ANN)
    assert browser.echo()["path"] == "/twice"
    browser.driver.back()
    if browser.has("pre#echo"):
        return
    deployment.provider.sign_in(browser, ANN)
    if not browser.has("pre#echo"):
        assert "50" not in browser.heading, browser.text
        browser.open(deployment.url("app", "/twice"))
    assert browser.echo()["path"] == "/twice"
