"""The Autobahn suite: its client against an echo server, directly and through Postern. What the proxy changes is a fault of the proxy."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import route_on_localhost
from support.configuration import Configuration
from support.network import free_port, wait_until

_WSTEST = "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite import wstest; sys.argv[0] = 'wstest'; wstest.run()"
#: Limits and performance (9), compression (12, 13): minutes each.
LONG = ["9.*", "12.*", "13.*"]


def python2():
    """CPython 2.7, which the suite is written for: PYTHON27, the PATH, or one that pyenv keeps."""
    named = os.environ.get("PYTHON27") or shutil.which("python2.7")
    kept = sorted((Path.home() / ".pyenv" / "versions").glob("2.7*/bin/python2.7"))
    for path in [named, *kept]:
        if path and subprocess.run([path, "-c", "import ssl"], capture_output=True).returncode == 0:
            return str(path)
    pytest.skip(
        "there is no CPython 2.7, which autobahntestsuite needs and Debian 12 does not have (pyenv install 2.7.18 does); "
        "test_websocket_frames.py covers the protocol without it")


@pytest.fixture(scope="session")
def wstest(request):
    """Runs wstest with arguments."""
    python = python2()
    directory = request.config.rootpath.parents[1] / ".build-conformance" / "autobahn"
    if not (directory / "autobahntestsuite").exists():
        shutil.rmtree(directory, ignore_errors=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", directory, "autobahntestsuite==25.10.1"]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(directory, ignore_errors=True)
            pytest.skip(f"autobahntestsuite could not be installed: {done.stderr.strip()[-300:]}")
    return lambda *arguments: [python, "-c", _WSTEST, str(directory), *map(str, arguments)]


@pytest.fixture(scope="session")
def echo(wstest, tmp_path_factory):
    """Autobahn's own echo server; the port."""
    port = free_port()
    log = (tmp_path_factory.mktemp("echo") / "log").open("wb")
    process = subprocess.Popen(wstest("-m", "echoserver", "-w", f"ws://127.0.0.1:{port}"), stdout=log, stderr=log)

    def listens():
        assert process.poll() is None, Path(log.name).read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    wait_until(listens, "the echo server listens")
    yield port
    process.terminate()
    process.wait(10)


def results(wstest, directory, servers, cases, excluded):
    """Server → case → (behaviour, how it closed)."""
    spec = directory / "spec.json"
    listed = [{"agent": name, "url": url, "options": {"version": 18}} for name, url in servers.items()]
    spec.write_text(json.dumps({"outdir": str(directory / "reports"), "servers": listed, "cases": cases, "exclude-cases": excluded, "exclude-agent-cases": {}}))
    with (directory / "fuzzing.log").open("wb") as log:
        done = subprocess.run(wstest("-m", "fuzzingclient", "-s", spec), stdout=log, stderr=log, timeout=1500, cwd=directory)
    assert done.returncode == 0, (directory / "fuzzing.log").read_text()[-2000:]
    report = json.loads((directory / "reports" / "index.json").read_text())
    return {agent: {case: (row["behavior"], row["behaviorClose"]) for case, row in rows.items()} for agent, rows in report.items()}


@pytest.mark.parametrize(
    ("cases", "excluded"),
    [pytest.param(["*"], LONG, id="protocol"), pytest.param(LONG, [], id="limits-and-compression", marks=pytest.mark.slow)],
)
def test_the_proxy_changes_nothing(wstest, echo, run_server, tmp_path, cases, excluded):
    config = Configuration(insecure_server=True)
    postern = run_server(route_on_localhost(config, f"http://127.0.0.1:{echo}", allow_websockets=True))
    servers = {"direct": f"ws://127.0.0.1:{echo}", "postern": postern.localhost("ws")}
    found = results(wstest, tmp_path, servers, cases, excluded)
    direct, proxied = found["direct"], found["postern"]
    assert len(direct) == len(proxied) > 50
    # Whether an echo still comes before a connection that fails is cut is a matter of time: strict or not is the same here.
    same = {"NON-STRICT": "OK"}
    changed = {
        case: (direct[case], outcome)
        for case, outcome in proxied.items()
        if [same.get(part, part) for part in direct[case]] != [same.get(part, part) for part in outcome] and "INFORMATIONAL" not in outcome + direct[case]
    }
    assert changed == {}, "case: (direct, through the proxy)"
    assert not [case for case, outcome in direct.items() if outcome[0] == "FAILED"], "the echo server itself fails"
