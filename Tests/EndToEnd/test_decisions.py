"""A refused request can be explained by its id: to administrators over HTTP, and at the command line."""

import json
import sqlite3

import pytest

from support import configuration
from support.client import WebClient, curl
from support.network import wait_until
from support.people import ANN, BOB, EmbeddedProvider
from support.server import run_cli

NOBODY = [{"explanation": "Only administrators may enter.", "remediation": "Ask in the channel #access.", "allow": {"and": [{"groups": {"has": "admins"}}]}}]


def explain(postern, request_id, *arguments):
    return run_cli("explain", request_id, "--data-dir", postern.data, *arguments)


def wait_for_decision(postern, request_id):
    done = wait_until(lambda: (found := explain(postern, request_id, "--json")).returncode == 0 and found, "the decision is kept", 10)
    return json.loads(done.stdout)


@pytest.fixture
def refused(upstream, start_server):
    """A server with Ann as administrator, and Bob who was refused at `staff`: (server, Bob's client, the answer)."""
    config = configuration.standard(upstream, administrators=[ANN.email]).route("staff", upstream.url, policy=NOBODY, show_error_details=True)
    postern = start_server(config)
    EmbeddedProvider().prepare(postern)
    bob = WebClient(postern)
    bob.sign_in(config.url("app"), BOB)
    answer = bob.get(config.url("staff", "/secret/plans?token=hunter2"))
    assert answer.status_code == 403, answer.text[:1000]
    return postern, bob, answer


def test_a_denial_is_explained_at_the_command_line(refused):
    postern, bob, answer = refused
    request_id = answer.headers["X-Request-Id"]
    decision = wait_for_decision(postern, request_id)
    assert decision["email"] == BOB.email and decision["outcome"] == "forbidden" and decision["reason"] == "groups-unauthorized"
    assert decision["status"] == 403 and decision["path"] == "/secret/plans" and decision["host"] == "staff.localhost"
    [policy] = decision["explanation"]["policies"]
    [criterion] = policy["allow"][0]["criteria"]
    assert criterion["criterion"] == "groups" and criterion["result"] == "unfulfilled"
    assert "admins" in criterion["wanted"] and "admins" not in criterion["seen"]
    # The line of the routes in the file.
    line = postern.configuration.text().splitlines().index(next(row for row in postern.configuration.text().splitlines() if row.startswith("routes:"))) + 1
    assert f"config.yaml:{line}:" in criterion["position"] and f"config.yaml:{line}:" in decision["policy_position"]
    assert "problem" not in decision
    # Nothing that could be used by who reads it.
    everything = json.dumps(decision)
    assert "hunter2" not in everything and "ookie" not in everything
    for value in bob.session.cookies.values():
        assert value not in everything
    text = explain(postern, request_id.upper())
    assert text.returncode == 0, text.stderr
    for part in (request_id, BOB.email, "groups", "admins", "config.yaml:", "what would have to change", "403"):
        assert part in text.stdout, text.stdout


def test_an_unknown_id_is_an_error(refused):
    postern, _, _ = refused
    done = explain(postern, "00000000-0000-4000-8000-000000000000")
    assert done.returncode == 1 and not done.stdout
    assert "no decision about the request 00000000-0000-4000-8000-000000000000 is kept" in done.stderr
    other = run_cli("explain", "x", "--data-dir", postern.directory / "nowhere")
    assert other.returncode == 1 and "no decisions are kept in" in other.stderr


def test_the_person_sees_what_the_policy_says_about_itself(refused):
    postern, bob, answer = refused
    for part in ("Only administrators may enter.", "Ask in the channel #access.", answer.headers["X-Request-Id"], "groups-unauthorized"):
        assert part in answer.text
    data = bob.get(postern.configuration.url("staff"), headers={"Accept": "application/json", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})
    body = data.json()
    assert data.status_code == 403 and body["reason"] == "groups-unauthorized" and body["request_id"] == data.headers["X-Request-Id"]
    assert body["explanations"][0] == {"explanation": "Only administrators may enter.", "remediation": "Ask in the channel #access.", "effect": "neither"}
    # Without show_error_details nothing of it is shown.
    plain = bob.get(postern.configuration.url("admins"))
    assert plain.status_code == 403 and "mark-bad" not in plain.text.split("</style>")[-1]


def test_decisions_are_for_administrators(refused):
    postern, bob, answer = refused
    config = postern.configuration
    request_id = answer.headers["X-Request-Id"]
    wait_for_decision(postern, request_id)
    for path in ("/api/v1/decisions", f"/api/v1/decisions/{request_id}"):
        anonymous = curl(postern, config.url("authenticate", path))
        assert anonymous.status == 401 and anonymous.json()["reason"] == "user-unauthenticated", anonymous.text
        assert anonymous.header("Content-Type").startswith("application/json")
        refusal = bob.get(config.url("authenticate", path))
        assert refusal.status_code == 403 and refusal.json()["reason"] == "not-an-administrator"
        # Hosts of routes have their own applications under this path.
        assert "echo" in bob.get(config.url("app", path)).text
    ann = WebClient(postern)
    ann.sign_in(config.url("app"), ANN)
    decision = ann.get(config.url("authenticate", f"/api/v1/decisions/{request_id}")).json()
    assert decision["explanation"]["outcome"] == "forbidden" and decision["changes"]
    assert decision["facts"]["session"]["user_id"] == decision["user_id"]
    assert ann.get(config.url("authenticate", "/api/v1/decisions/nonsense")).status_code == 404
    post = ann._send("POST", config.url("authenticate", "/api/v1/decisions"), False, {})
    assert post.status_code == 405


def test_decisions_can_be_searched(refused):
    postern, bob, answer = refused
    config = postern.configuration
    other = bob.get(config.url("admins"))
    assert other.status_code == 403
    wait_for_decision(postern, other.headers["X-Request-Id"])
    ann = WebClient(postern)
    ann.sign_in(config.url("app"), ANN)

    def ids(**parameters):
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        found = ann.get(config.url("authenticate", f"/api/v1/decisions?{query}"))
        assert found.status_code == 200, found.text
        return [entry["id"] for entry in found.json()["decisions"]]

    newest, oldest = other.headers["X-Request-Id"], answer.headers["X-Request-Id"]
    assert ids(user=BOB.email) == [newest, oldest]
    assert ids(user=BOB.email, limit=1) == [newest]
    assert ids(user=ANN.email) == []
    assert ids(route="staff.localhost") == [oldest]
    assert ids(outcome="forbidden", since="1h") == [newest, oldest]
    assert ids(since="2100-01-01") == []
    assert ann.get(config.url("authenticate", "/api/v1/decisions?since=yesterday")).status_code == 400
    assert ann.get(config.url("authenticate", "/api/v1/decisions?limit=0")).status_code == 400


def test_what_was_kept_outlives_a_crash(refused):
    postern, bob, answer = refused
    request_id = answer.headers["X-Request-Id"]
    wait_for_decision(postern, request_id)
    postern.stop(kill=True)
    assert explain(postern, request_id).returncode == 0
    postern.start()
    assert explain(postern, request_id).returncode == 0


def test_what_is_decided_last_is_kept_by_a_stop(refused):
    postern, bob, _ = refused
    last = bob.get(postern.configuration.url("staff", "/last"))
    postern.stop()
    assert explain(postern, last.headers["X-Request-Id"]).returncode == 0
    postern.start()


def test_an_anonymous_api_client_is_explained_and_a_redirect_is_not_kept(refused):
    postern, _, _ = refused
    url = postern.configuration.url("staff")
    redirect = curl(postern, url, headers=["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"])
    assert redirect.status in (302, 303)
    refusal = curl(postern, url, headers=["Accept: application/json", "Authorization: Bearer abcdefghi"])
    assert refusal.status == 401
    decision = wait_for_decision(postern, refusal.header("X-Request-Id"))
    assert decision["outcome"] == "login" and decision["user_id"] == "" and "abcdefghi" not in json.dumps(decision)
    assert any("signed in" in change for change in decision["changes"])
    assert explain(postern, redirect.header("X-Request-Id")).returncode == 1


def test_an_explanation_by_a_browser(refused, open_browser):
    postern, _, answer = refused
    config = postern.configuration
    browser = open_browser(postern)
    browser.open(config.url("app")).fill_sign_in(ANN)
    browser.wait_for("pre#echo")
    wait_for_decision(postern, answer.headers["X-Request-Id"])
    browser.open(config.url("authenticate", "/api/v1/decisions/" + answer.headers["X-Request-Id"]))
    assert "groups-unauthorized" in browser.text and BOB.email in browser.text


def test_the_log_can_be_switched_off(upstream, start_server):
    config = configuration.standard(upstream, decision_log_max_records=0)
    postern = start_server(config)
    refused = curl(postern, config.url("app"), headers=["Accept: application/json"])
    assert refused.status == 401
    # A stop writes whatever waits.
    postern.stop()
    assert explain(postern, refused.header("X-Request-Id")).returncode == 1


def test_strangers_cannot_fill_the_log(upstream, start_server):
    config = configuration.standard(upstream, decision_log_max_records=20).route("staff", upstream.url, policy=NOBODY)
    postern = start_server(config)
    EmbeddedProvider().prepare(postern)
    bob = WebClient(postern)
    bob.sign_in(config.url("app"), BOB)
    refused = bob.get(config.url("staff")).headers["X-Request-Id"]
    wait_for_decision(postern, refused)
    for _ in range(40):
        assert curl(postern, config.url("app"), headers=["Accept: application/json"]).status == 401
    last = curl(postern, config.url("app"), headers=["Accept: application/json"]).header("X-Request-Id")
    wait_for_decision(postern, last)
    postern.stop()
    with sqlite3.connect(postern.data / "decisions.sqlite") as database:
        # Half of 20, and what came since the last look.
        assert database.execute("SELECT COUNT(*) FROM decisions").fetchone()[0] <= 13
    assert explain(postern, refused).returncode == 0
