"""Every way in which a configuration changes under a running server. None of them concerns what the clients do."""

import json
import os
import signal
import urllib.request

from support.network import wait_until


def status(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.configuration.health_port}/status", timeout=10) as response:
        return json.load(response)["config"]


class Changes:
    """`make(number)` makes one change, and returns its name once it is in force."""

    def __init__(self, server):
        self.server = server
        self.path = server.configuration_path
        self.routes = server.configuration.routes
        self._kinds = [
            ("renamed over", self._rename), ("written in place", self._write), ("made a link", self._swap), ("link swapped", self._swap),
            ("SIGHUP", self._hang_up), ("policy of others", self._policy), ("route added", self._add), ("route removed", self._remove),
        ]

    def make(self, number):
        name, change = self._kinds[number % len(self._kinds)]
        before = status(self.server)
        self._edit(number)
        change(number)
        wait_until(lambda: status(self.server)["hash"] != before["hash"], f"reload {number} ({name})\n{self.server.tail(5)}", 30, pause=0.1)
        return name

    def _edit(self, number):
        """The answer of a route that nobody asks for."""
        self.routes[0]["response"]["body"] = f"version {number}"

    def _rename(self, _):
        new = self.path.with_suffix(".new")
        new.write_text(self.server.configuration.text())
        new.rename(self.path)

    def _write(self, _):
        self.path.write_text(self.server.configuration.text())

    def _swap(self, number):
        """As Kubernetes does: the file is a link through a directory that is a link, which is renamed over."""
        directory = self.server.directory / f"version-{number}"
        directory.mkdir()
        (directory / self.path.name).write_text(self.server.configuration.text())
        link = self.server.directory / "data-link"
        new = self.server.directory / "data-link-new"
        new.symlink_to(directory)
        new.rename(link)
        if not self.path.is_symlink():
            new.symlink_to(link / self.path.name)
            new.rename(self.path)

    def _hang_up(self, number):
        self._write(number)
        os.kill(self.server.pid, signal.SIGHUP)

    def _policy(self, number):
        self.routes[1]["policy"] = [{"allow": {"or": [{"email": {"is": f"person{number}@example.com"}}]}}]
        self._write(number)

    def _add(self, number):
        self.routes.append(
            {"from": self.server.configuration.url(f"added{number}", ""), "response": {"status": 200, "body": "added"}, "allow_public_unauthenticated_access": True})
        self._write(number)

    def _remove(self, number):
        self.routes.pop()
        self._write(number)
