"""Policies can be watched on live traffic, and tried on what was decided, before they decide anything."""

import json
import urllib.request

import pytest

from support import configuration
from support.client import WebClient
from support.network import free_port, wait_until
from support.people import ANN, BOB, EmbeddedProvider
from support.server import run_cli

MEMBERS = {"allow": {"and": [{"authenticated_user": True}]}}
NOT_BOB = {"shadow": True, "deny": {"or": [{"email": {"is": BOB.email}}]}}
ONLY_ANN = [{"allow": {"and": [{"email": {"is": ANN.email}}]}}]


def metric(port, route, change):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        wanted = f'postern_policy_shadow_total{{route="{route}.localhost",change="{change}"}} '
        return next((int(line[len(wanted) :]) for line in response.read().decode().splitlines() if line.startswith(wanted)), 0)


def findings(postern, *arguments):
    done = run_cli("policy", "shadow", "--data-dir", postern.data, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["findings"]


@pytest.fixture
def start(upstream, start_server):
    """start(**settings) with routes of the caller: (server, Ann's client, Bob's client)."""

    def run(prepare, **settings):
        config = prepare(configuration.standard(upstream, administrators=[ANN.email], **settings))
        postern = start_server(config)
        EmbeddedProvider().prepare(postern)
        clients = []
        for person in (ANN, BOB):
            client = WebClient(postern)
            client.sign_in(config.url("app"), person)
            clients.append(client)
        return postern, *clients

    return run


def test_a_shadow_rule_changes_nothing_but_counters(upstream, start):
    port = free_port()
    postern, ann, bob = start(lambda config: config.route("team", upstream.url, policy=[MEMBERS, NOT_BOB]), metrics_address=f"127.0.0.1:{port}")
    url = postern.configuration.url("team", "/report")
    for _ in range(3):
        assert bob.get(url).status_code == 200
    assert ann.get(url).status_code == 200
    wait_until(lambda: metric(port, "team", "loses") == 3 and metric(port, "team", "same") >= 1, "the requests are counted", 10)
    assert metric(port, "team", "gains") == 0 and metric(port, "app", "same") == 0
    [finding] = wait_until(lambda: (found := findings(postern)) and found[0]["count"] == 3 and found, "the finding is kept", 10)
    assert finding["email"] == BOB.email and finding["change"] == "loses" and finding["sample_request"] == "GET /report"
    assert findings(postern, "--route", "app.localhost") == []
    text = run_cli("policy", "shadow", "--config", postern.configuration_path, "--data-dir", postern.data)
    assert f"would lose  {BOB.email}  3 requests" in text.stdout, text.stdout + text.stderr
    api = postern.configuration.url("authenticate", "/api/v1/shadow")
    assert bob.get(api).status_code == 403
    answer = ann.get(api).json()
    assert answer["findings"] == [finding]
    assert {"route_name": "team.localhost", "same": metric(port, "team", "same"), "gains": 0, "loses": 3} in answer["routes"]


def test_a_candidate_configuration_is_watched_and_reloaded(upstream, start, tmp_path):
    def prepare(config):
        return config.route("team", upstream.url, policy=[MEMBERS]).route("closed", upstream.url, policy=ONLY_ANN)

    candidate = configuration.standard(upstream)
    port = free_port()
    path = tmp_path / "next.yaml"
    path.write_text("routes: [")
    postern, ann, bob = start(prepare, metrics_address=f"127.0.0.1:{port}", shadow_config_file=str(path))
    assert "shadow-config" in postern.log
    # The candidate turns the two policies round, on the addresses of the server.
    candidate.port = postern.configuration.port
    candidate.routes.clear()
    candidate.route("team", upstream.url, policy=ONLY_ANN).route("closed", upstream.url, policy=[MEMBERS])
    path.write_text(candidate.text())

    def watched():
        assert bob.get(postern.configuration.url("team")).status_code == 200
        assert bob.get(postern.configuration.url("closed")).status_code == 403
        return metric(port, "team", "loses") and metric(port, "closed", "gains")

    wait_until(watched, "the candidate is watched", 20)
    found = wait_until(lambda: len(found := findings(postern)) == 2 and found, "both findings are kept", 10)
    assert {(entry["route_name"], entry["change"], entry["email"]) for entry in found} == {
        ("team.localhost", "loses", BOB.email),
        ("closed.localhost", "gains", BOB.email),
    }


def test_kept_decisions_are_made_again_with_another_policy(upstream, start, tmp_path):
    postern, ann, bob = start(lambda config: config.route("team", upstream.url, policy=[MEMBERS]), decision_log_allowed=True)
    url = postern.configuration.url("team", "/report")
    assert ann.get(url).status_code == 200 and bob.get(url).status_code == 200 and bob.get(url).status_code == 200
    policy = tmp_path / "new.yaml"
    policy.write_text(json.dumps(ONLY_ANN))

    def replay(*arguments, policy=policy):
        return run_cli("policy", "replay", "--policy", policy, "--data-dir", postern.data, *arguments)

    def result():
        done = replay("--route", "team.localhost", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found["loses"] == 2 and found

    found = wait_until(result, "the decisions are kept", 10)
    assert found["gains"] == 0 and found["same"] == 1 and found["allowed"] == 3
    [entry] = found["report"]["findings"]
    assert entry["email"] == BOB.email and entry["change"] == "loses" and entry["count"] == 2 and entry["sample_request"] == "GET /report"
    text = replay("--since", "1h", "--route", "team.localhost").stdout
    assert "2 would be refused, 0 would be allowed, 1 stay the same" in text and f"would lose  {BOB.email}" in text
    assert "0 decisions since" in replay("--since", "2100-01-01").stdout
    # A whole configuration.
    whole = configuration.standard(upstream)
    whole.port = postern.configuration.port
    whole.route("team", upstream.url, policy=ONLY_ANN)
    (tmp_path / "whole.yaml").write_text(whole.text())
    done = replay("--route", "team.localhost", policy=tmp_path / "whole.yaml")
    assert "2 would be refused" in done.stdout, done.stdout + done.stderr
    # What cannot be read.
    policy.write_text("allow: {and: [{emial: {is: x}}]}")
    broken = replay()
    assert broken.returncode == 1 and "new.yaml:1:" in broken.stderr and "did you mean email?" in broken.stderr
    assert replay("--since", "yesterday").returncode != 0
