"""Ten thousand routes: what it costs to load them, and to change one of them while the server runs.

Times are CPU times of the process. A debug build is ten times slower than the one that people run, so its limits are wider.
"""

import os
import resource
import time

import pytest

from support import configuration
from support.client import RawConnection
from support.network import wait_until
from support.server import binary, run_cli

from test_reload import status

COUNT = 10_000
IS_RELEASE = "debug" not in str(binary())


class ManyRoutes(configuration.Configuration):
    """A route of the upstream, and thousands in the form that people write."""

    def __init__(self, upstream):
        super().__init__()
        self.upstream = upstream
        self.changed = ()
        self.comments = 0

    def text(self):
        lines = [
            f"address: 127.0.0.1:{self.port}",
            f"health_check_addr: 127.0.0.1:{self.health_port}",
            f"authenticate_service_url: {self.url('authenticate', '')}",
            "routes:",
            *(f"  # {number}" for number in range(self.comments)),
            f"  - {{from: '{self.url('public', '')}', to: '{self.upstream.url}', allow_public_unauthenticated_access: true}}",
        ]
        for number in range(COUNT):
            email = "changed" if number in self.changed else f"user{number}"
            lines += [
                f"  - from: https://app{number}.example.com",
                f"    to: http://10.{number >> 8}.{number & 255}.1:8080",
                "    pass_identity_headers: true",
                "    timeout: 60s",
                "    policy:",
                "      - allow:",
                "          or:",
                f"            - domain: {{is: example{number % 50}.com}}",
                f"            - email: {{is: {email}@example.com}}",
                "      - deny:",
                "          or:",
                "            - groups: {has: blocked}",
            ]
        return "\n".join(lines) + "\n"


def cpu(server):
    """Seconds of CPU time that the process has used, kernel included."""
    fields = open(f"/proc/{server.pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settled(server):
    """The CPU time once the process rests."""
    return wait_until(lambda: (before := cpu(server), time.sleep(0.6)) and cpu(server) - before < 0.02 and cpu(server), "it rests", 60)


@pytest.fixture
def many(start_server, upstream):
    return start_server(ManyRoutes(upstream))


def reload_cost(server, changed, comments=0):
    server.configuration.changed = changed
    server.configuration.comments = comments
    text = server.configuration.text()
    before, spent = status(server), settled(server)
    server.configuration_path.write_text(text)
    wait_until(lambda: status(server)["hash"] != before["hash"], "a new configuration", 60, pause=0.3)
    return settled(server) - spent


def test_one_changed_route_costs_little(many, record_property):
    costs = [reload_cost(many, [number]) for number in (5_000, 1, 9_999)]
    print(f"CPU seconds of reloads with one changed route: {costs}")
    record_property("reload_cpu_seconds", costs)
    # The look-out for changes and the questions of this test are in it.
    assert min(costs) < (0.1 if IS_RELEASE else 3)


def test_lines_above_and_changes_far_apart_cost_little_more(many):
    costs = [reload_cost(many, [], 1), reload_cost(many, [], 3), reload_cost(many, [1, 9_999], 3)]
    print(f"CPU seconds of reloads with lines put in above all routes, and with two changed routes: {costs}")
    assert min(costs[:2]) < (0.12 if IS_RELEASE else 3) and costs[2] < (0.25 if IS_RELEASE else 6)


def test_looking_up_a_route_does_not_depend_on_their_number(many, start_server, upstream):
    few = start_server(configuration.standard(upstream))
    costs = {}
    for name, server in (("few", few), ("many", many)):
        with RawConnection(server, "public") as connection:
            for _ in range(50):
                assert connection.request("/").response().status == 200
            begin = cpu(server)
            for _ in range(1000):
                connection.request("/").response()
            costs[name] = cpu(server) - begin
    assert costs["many"] < 2 * costs["few"] + 0.1


def test_loading_all_of_them(many):
    spent = settled(many)
    print(f"CPU seconds from the start to rest: {spent}")
    assert spent < (2 if IS_RELEASE else 40)


def test_checking_all_of_them(tmp_path, upstream):
    path = tmp_path / "config.yaml"
    path.write_text(ManyRoutes(upstream).text())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_cli("check", path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0 and f"{COUNT + 1} routes" in done.stdout
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"CPU seconds of postern check: {spent}")
    assert spent < (2 if IS_RELEASE else 40)
