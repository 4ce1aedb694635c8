"""The operator checks a configuration before it is used."""

import re

import pytest

from support.server import run_cli

GOOD = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
routes:
  - from: https://app.localhost:8443
    to: http://127.0.0.1:3000
    policy:
      - allow:
          or:
            - email:
                is: ann@example.com
"""

BAD = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
cookie_expire: tomorrow
cookie_secrt: abc
routes:
  - from: https://app.localhost:8443/path
    to: http://127.0.0.1:3000
    allow_any_authenticated_user: true
  - from: https://b.localhost:8443
    policy:
      - allow:
          or:
            - emial:
                is: ann@example.com
"""


def check(tmp_path, text, *arguments):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return path, run_cli("check", path, *arguments)


def problems(path, done):
    """The positions named in the output, as (line, column)."""
    found = re.findall(re.escape(path.name) + r":(\d+):(\d+)", done.stdout + done.stderr)
    return {(int(line), int(column)) for line, column in found}


def test_a_good_configuration_passes(tmp_path):
    _, done = check(tmp_path, GOOD)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_problems_are_reported_in_one_go_with_their_places(tmp_path):
    path, done = check(tmp_path, BAD)
    assert done.returncode == 1
    lines = {line for line, _ in problems(path, done)}
    assert {3, 4, 6, 13} <= lines, done.stdout + done.stderr
    # The second route has no destination; that is a problem of the route as a whole.
    assert lines & {9, 10}, done.stdout + done.stderr


def test_a_misspelt_key_comes_with_a_suggestion(tmp_path):
    _, done = check(tmp_path, BAD)
    output = done.stdout + done.stderr
    assert "cookie_secret" in output and "email" in output


def test_unknown_keys_can_be_let_through(tmp_path):
    text = GOOD + "some_future_key: 1\n"
    assert check(tmp_path, text)[1].returncode == 1
    assert check(tmp_path, text, "--allow-unknown-keys")[1].returncode == 0


@pytest.mark.parametrize(
    "text", ["routes: [", "\t- x", "a: &a [*a]", "- a\n- b\n", '"', "routes: {}\n", "a: 1\na: 2\n", "\0", "? [complex]\n: 1\n", "routes: 3\n"]
)
def test_what_is_no_configuration_is_a_problem_with_a_place(tmp_path, text):
    path, done = check(tmp_path, text)
    assert done.returncode == 1
    assert problems(path, done), done.stdout + done.stderr


def test_deep_nesting_is_refused_and_not_followed(tmp_path):
    _, done = check(tmp_path, "a: " + "[" * 100_000 + "]" * 100_000)
    assert done.returncode == 1


def test_a_billion_laughs_are_refused(tmp_path):
    text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    _, done = check(tmp_path, text)
    assert done.returncode == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = run_cli("check", tmp_path / "missing.yaml")
    assert done.returncode != 0
    assert "missing.yaml" in done.stdout + done.stderr


def test_a_secret_in_a_bad_place_is_not_repeated(tmp_path):
    _, done = check(tmp_path, GOOD + "cookie_secret: [topsecretvalue]\nidp_client_secret: {a: topsecretvalue}\n")
    assert done.returncode == 1
    assert "topsecretvalue" not in done.stdout + done.stderr


def test_run_refuses_what_check_refuses(tmp_path):
    path, _ = check(tmp_path, BAD)
    done = run_cli("run", "--config", path, "--data-dir", tmp_path / "data", timeout=30)
    assert done.returncode != 0
    assert {3, 4} <= {line for line, _ in problems(path, done)}


def test_help_lists_the_commands():
    done = run_cli("--help")
    assert done.returncode == 0
    for command in ("run", "check", "users"):
        assert command in done.stdout
