"""Tests of policies stand in the configuration: they run alone, in `check`, and before a configuration is put in force."""

import json

from support.client import WebClient, curl
from support.network import wait_until
from support.people import ANN
from support.server import run_cli
from test_reload import answer, status, write_in_place

TEXT = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
routes:
  - from: https://app.localhost:8443
    to: http://127.0.0.1:3000
    policy:
      - allow:
          and:
            - domain: example.com
            - time_of_day: {timezone: UTC, after: 8 AM, before: 6 PM}
    tests:
      - {name: by day, as: ann@example.com, at: 2026-01-05T12:00:00Z, expect: allow}
      - {name: at night, as: ann@example.com, at: 2026-01-05T23:00:00Z, expect: deny, reasons: [time-of-day-unauthorized]}
      - {name: strangers, as: eve@example.org, at: 2026-01-05T12:00:00Z, expect: deny, reasons: [domain-unauthorized]}
"""
RED = TEXT.replace("before: 6 PM", "before: 11:30 PM")


def write(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return path


def test_they_run_alone(tmp_path):
    done = run_cli("policy", "test", write(tmp_path, TEXT))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 tests, 0 failed" in done.stdout


def test_a_failed_one_is_explained(tmp_path):
    path = write(tmp_path, RED)
    done = run_cli("policy", "test", path)
    assert done.returncode == 1
    assert "- expected deny (time-of-day-unauthorized)" in done.stdout and "+ got      allowed" in done.stdout
    assert "config.yaml:13:9" in done.stdout and "saw 23:00:00" in done.stdout
    report = json.loads(run_cli("policy", "test", path, "--json").stdout)
    assert (report["passed"], report["failed"]) == (2, 1)
    (failed,) = [test for test in report["tests"] if not test["passed"]]
    assert failed["name"] == "at night" and failed["expected"]["outcome"] == "deny" and failed["decision"]["outcome"] == "allowed"


def test_check_and_run_refuse_a_configuration_whose_test_fails(tmp_path):
    assert run_cli("check", write(tmp_path, TEXT)).returncode == 0
    path = write(tmp_path, RED)
    for arguments in (("check", path), ("run", "--config", path, "--data-dir", tmp_path / "data")):
        done = run_cli(*arguments)
        assert done.returncode == 1
        assert 'config.yaml:13:9: error: test "at night" failed: expected deny, got allowed' in done.stdout + done.stderr


def test_a_reload_with_a_failed_test_changes_nothing_and_is_told(own):
    server = own.server
    before = status(server)
    routes = server.configuration.routes
    server.configuration.settings["tests"] = [
        {"name": "open", "as": "anonymous", "request": server.configuration.url("public"), "expect": "allow"},
        {"name": "ann", "as": "ann@example.com", "request": server.configuration.url("ann"), "expect": "allow"},
    ]
    write_in_place(server, server.configuration.text())
    wait_until(lambda: status(server)["hash"] != before["hash"], "the configuration with tests", 10)
    before = status(server)
    next(route for route in routes if route["from"] == server.configuration.url("public", ""))["allow_public_unauthenticated_access"] = False
    next(route for route in routes if route["from"] == server.configuration.url("ann", ""))["policy"] = []
    write_in_place(server, server.configuration.text())
    failed = wait_until(lambda: not (now := status(server))["last_attempt_succeeded"] and now, "the attempt fails", 10)
    assert failed["hash"] == before["hash"]
    assert answer(server, "public") == 200
    problems = [line for line in map(json.loads, filter(lambda line: line.startswith("{"), server.log.splitlines())) if line.get("code") == "policy-test"]
    assert [line["message"].split('"')[1] for line in problems] == ["open", "ann"]
    assert all(line["line"] for line in problems)


def simulate(server, *arguments):
    return run_cli("policy", "simulate", "--config", server.configuration_path, "--data-dir", server.data, *arguments)


def test_simulation_answers_from_the_store_of_a_running_server(own, tmp_path):
    server = own.server
    url = server.configuration.url("admins", "/x")
    done = simulate(server, "--as", ANN.email, "--url", url, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["route"] == "admins.localhost" and report["decision"]["outcome"] == "allowed"
    assert report["user"]["groups"] == list(ANN.groups) and report["user"]["signed_in"] is False
    report = json.loads(simulate(server, "--as", "bob@example.com", "--url", url, "--json").stdout)
    assert report["decision"]["outcome"] == "forbidden" and report["decision"]["reasons"] == ["groups-unauthorized"]
    text = simulate(server, "--as", "BOB@example.com", "--url", url).stdout
    assert text.startswith("forbidden (groups-unauthorized)\n") and 'wants has "admins", saw []' in text
    assert simulate(server, "--as", "anonymous", "--url", url).stdout.startswith("login (user-unauthenticated)\n")
    unknown = simulate(server, "--as", "nobody@example.com", "--url", url)
    assert unknown.returncode == 1 and "the store knows no user nobody@example.com" in unknown.stderr
    assert simulate(server, "--as", "anonymous", "--url", server.configuration.url("nowhere")).stdout.startswith("not_found")
    assert curl(server, server.configuration.url("public")).status == 200


def test_simulation_knows_who_is_signed_in(own):
    server = own.server
    client = WebClient(server)
    client.sign_in(server.configuration.url("app"), ANN)
    report = json.loads(simulate(server, "--as", ANN.email, "--url", server.configuration.url("ann"), "--json").stdout)
    assert report["user"]["signed_in"] is True and report["decision"]["outcome"] == "allowed"
    assert client.get(server.configuration.url("app")).status_code == 200
