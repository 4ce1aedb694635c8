"""The operator has a configuration looked at by a machine: lints, JSON and SARIF, exit status, groups of an installation."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from support.server import binary, run_cli

LINTED = """\
authenticate_service_url: https://authenticate.example.com
routes:
  - from: https://app.example.com
    to: http://127.0.0.1:3000
    allow_any_authenticated_user: true
    policy:
      - allow:
          or:
            - email:
                is: Ann@example.com
            - groups:
                has: finanec
  - from: https://other.example.com
    to: http://127.0.0.1:3000
"""
MISTAKEN = LINTED + "    unknown_key: 1\n"
SCHEMA = json.loads((Path(__file__).parent / "support" / "sarif-subset.schema.json").read_text())


def check_here(directory, text, *arguments):
    """Runs `postern check` as CI does: in the directory of the repository, with a relative path."""
    (directory / "deploy").mkdir(exist_ok=True)
    (directory / "deploy" / "my config.yaml").write_text(text)
    return subprocess.run(
        [binary(), "check", "deploy/my config.yaml", *arguments], cwd=directory, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"}
    )


def mended(text, changes):
    """The text after (line, column, end line, end column, replacement), the last one first."""
    lines = text.split("\n")
    for line, column, end_line, end_column, replacement in sorted(changes, reverse=True):
        tail = lines[end_line - 1][end_column - 1 :] if end_line <= len(lines) else ""
        lines[line - 1 : end_line] = (lines[line - 1][: column - 1] + replacement + tail).split("\n")
    return "\n".join(lines)


@pytest.mark.parametrize("text", [LINTED, MISTAKEN, "routes: [", "address: :8443\n"])
def test_sarif_is_what_code_hosts_take(tmp_path, text):
    done = check_here(tmp_path, text, "--format", "sarif")
    report = json.loads(done.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(report)
    assert done.stderr == ""
    run = report["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "deploy/my%20config.yaml"
    assert done.returncode == (1 if any(result["level"] == "error" for result in run["results"]) else 0)


def test_the_schema_would_notice_a_mistake(tmp_path):
    report = json.loads(check_here(tmp_path, LINTED, "--format", "sarif").stdout)
    report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(report)


def test_fixes_can_be_carried_out_by_a_machine(tmp_path):
    report = json.loads(check_here(tmp_path, LINTED, "--format", "sarif").stdout)
    changes = []
    for result in report["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                for replacement in change["replacements"]:
                    region = replacement["deletedRegion"]
                    inserted = replacement.get("insertedContent", {"text": ""})["text"]
                    changes.append((region["startLine"], region["startColumn"], region["endLine"], region["endColumn"], inserted))
    assert len(changes) == 2
    better = mended(LINTED, changes)
    assert "allow_any_authenticated_user" not in better and "is: ann@example.com" in better
    findings = json.loads(check_here(tmp_path, better, "--format", "json").stdout)["findings"]
    assert [finding["code"] for finding in findings] == ["route-denies-everybody"]


def test_json_has_every_finding_with_its_place(tmp_path):
    report = json.loads(check_here(tmp_path, LINTED, "--format", "json").stdout)
    places = {finding["code"]: (finding["line"], finding["column"]) for finding in report["findings"]}
    assert places == {"any-user-beside-policy": (5, 5), "capitals-in-email": (10, 21), "route-denies-everybody": (13, 5)}
    assert report["summary"] == {"errors": 0, "warnings": 3, "notes": 0, "routes": 2}
    assert all(finding["file"] == "deploy/my config.yaml" and finding["help"] for finding in report["findings"])


def test_errors_come_together_with_lints(tmp_path):
    done = check_here(tmp_path, MISTAKEN, "--format", "json")
    assert done.returncode == 1
    assert {"unknown-key", "capitals-in-email"} <= {finding["code"] for finding in json.loads(done.stdout)["findings"]}


def test_warnings_fail_a_strict_check_unless_they_are_allowed(tmp_path):
    assert check_here(tmp_path, LINTED).returncode == 0
    strict = check_here(tmp_path, LINTED, "--strict")
    assert strict.returncode == 1 and "3 errors" in strict.stderr and "ok" not in strict.stdout
    allow = ["--allow", "capitals-in-email", "--allow", "any-user-beside-policy", "--allow", "route-denies-everybody"]
    assert check_here(tmp_path, LINTED, "--strict", *allow).returncode == 0
    assert check_here(tmp_path, LINTED, "--strict", *allow[:4]).returncode == 1


def test_a_misspelt_code_is_refused(tmp_path):
    done = check_here(tmp_path, LINTED, "--allow", "capital-in-email")
    assert done.returncode not in (0, 1) and "did you mean capitals-in-email?" in done.stderr


def test_groups_are_compared_with_those_of_an_installation(tmp_path):
    data = tmp_path / "data"
    password = run_cli("users", "add", "ann@example.com", "--groups", "finance", "--password-stdin", "--data-dir", data, stdin="correct horse battery\n")
    assert password.returncode == 0, password.stderr
    done = check_here(tmp_path, LINTED, "--data-dir", str(data))
    assert "nobody here is in the group finanec [unknown-group]" in done.stderr and "did you mean finance?" in done.stderr
    assert "unknown-group" not in check_here(tmp_path, LINTED.replace("finanec", "finance"), "--data-dir", str(data)).stderr


def test_a_data_directory_is_never_made(tmp_path):
    done = check_here(tmp_path, LINTED, "--data-dir", str(tmp_path / "none"))
    assert done.returncode == 1 and "postern.sqlite" in done.stderr
    assert not (tmp_path / "none").exists()


def test_starting_is_as_quiet_as_before(tmp_path):
    """Only the check tells of lints."""
    (tmp_path / "config.yaml").write_text(LINTED + "unknown_setting: 1\n")
    done = run_cli("run", "--config", tmp_path / "config.yaml", "--data-dir", tmp_path / "data")
    assert done.returncode != 0 and "unknown_setting" in done.stdout + done.stderr
    assert "capitals-in-email" not in done.stdout + done.stderr
