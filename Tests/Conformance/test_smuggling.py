"""The same bytes to nginx, HAProxy and Postern. Each has a strict recorder behind it; the assertions are about Postern, the table is about all."""

import json
import re
import socket
import threading
import time

import pytest
from conftest import route_on_localhost
from harness.peers import Peer
from harness.recorder import Recorder
from smuggling import corpus
from support.configuration import Configuration
from support.network import wait_until

QUIET_SECONDS = 0.25
CASES = corpus.load()


class Outcome:
    """What one proxy made of some bytes: the statuses it answered with, whether it closed, and what came out behind it."""

    def __init__(self, answer, closed, messages):
        # Answers of the recorder and of the proxies have no further status line in their bodies.
        self.statuses = [int(status) for status in re.findall(rb"(?:^|\n)HTTP/1\.[01] (\d{3}) ", answer)]
        self.closed, self.messages = closed, messages

    def __str__(self):
        answered = " ".join(map(str, self.statuses)) or "nothing"
        forwarded = ", ".join(self._shown(message) for message in self.messages)
        return f"{answered}{', closed' if self.closed else ''} → {forwarded or '–'}"

    @staticmethod
    def _shown(message):
        if message.fault:
            return f"AMBIGUOUS: {message.fault}"
        return message.target.decode("latin-1") + ("" if message.is_complete else " (given up)")


def exchange(port, data, recorder):
    answer, closed = b"", False
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(QUIET_SECONDS)
        try:
            connection.sendall(data)
            while block := connection.recv(65536):
                answer += block
            closed = True
        except TimeoutError:
            pass
        except ConnectionError:
            closed = True
    time.sleep(0.02)
    return Outcome(answer, closed, recorder.take())


@pytest.fixture(scope="module")
def proxies(tmp_path_factory, run_server):
    """Name → port and recorder of each proxy; all speak clear text so that the bytes are the same."""
    directory = tmp_path_factory.mktemp("peers")
    recorders = {name: Recorder() for name in ("nginx", "haproxy", "postern")}
    peers = [Peer(name, directory, recorders[name]) for name in ("nginx", "haproxy")]
    postern = run_server(route_on_localhost(Configuration(insecure_server=True), recorders["postern"].url))
    found = {peer.name: (peer.port, recorders[peer.name]) for peer in peers} | {"postern": (postern.port, recorders["postern"])}
    yield found, postern
    for peer in peers:
        peer.close()
    for recorder in recorders.values():
        recorder.close()


@pytest.fixture(scope="module")
def table(request):
    """Rows of the comparison, printed at the end of the run and kept beside the suite's environment."""
    rows = []
    yield rows
    lines = ["| case | nginx | HAProxy | Postern |", "|---|---|---|---|"]
    lines += ["| " + " | ".join([name, *(str(outcomes[peer]).replace("|", "\\|") for peer in ("nginx", "haproxy", "postern"))]) + " |" for name, outcomes in rows]
    path = request.config.rootpath.parents[1] / ".build-conformance" / "smuggling.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def decisions(postern, since):
    """The decision lines that were written since a position of the log."""
    lines = [json.loads(line) for line in postern.server.log[since:].splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("message") == "authorize check"]


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
def test_one_decision_for_each_request_and_nothing_ambiguous(proxies, table, case):
    targets, postern = proxies
    since = len(postern.server.log)
    outcomes = {}

    def ask(name):
        port, recorder = targets[name]
        outcomes[name] = exchange(port, case.data(f"localhost:{postern.port}"), recorder)

    threads = [threading.Thread(target=ask, args=(name,)) for name in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table.append((case.name, outcomes))
    result = outcomes["postern"]

    assert not [message.fault for message in result.messages if message.fault], str(result)
    whole = [message for message in result.messages if message.is_complete]
    assert len(whole) == case.most if case.expected == "forward" else len(whole) <= case.most, str(result)
    for message in result.messages:
        assert b"smuggled" not in message.target, str(result)
        names = {name.lower() for name, _ in message.fields}
        assert not names & {b"upgrade", b"http2-settings", b"content_length", b"proxy-connection"}, message.head
        # The application's own address: the route does not pass the client's Host on.
        assert message.values(b"host") == [f"127.0.0.1:{targets['postern'][1].port}".encode()], message.head
        assert b"forged" not in message.head + message.body, message.head
    # The log is written by the time of an answer or very soon after it.
    wait_until(lambda: len(decisions(postern, since)) >= len(result.messages), f"{len(result.messages)} decisions are in the log", 5)
    if case.expected in ("refuse", "deny"):
        assert result.statuses and all(400 <= status < 500 or status in (501, 505) for status in result.statuses), str(result)
    if case.expected == "refuse":
        assert result.closed, f"the connection stays open after a request that was refused: {result}"


def test_peers_are_really_asked(proxies):
    """The comparison means something: both peers forward an ordinary request."""
    targets, postern = proxies
    for port, recorder in targets.values():
        outcome = exchange(port, f"GET /plain HTTP/1.1\r\nHost: localhost:{postern.port}\r\n\r\n".encode(), recorder)
        assert outcome.statuses == [200] and [message.target for message in outcome.messages] == [b"/plain"]
