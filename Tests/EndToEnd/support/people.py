"""The people of the tests and how each identity provider signs them in."""

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field

from .network import free_port, wait_until


@dataclass(frozen=True)
class Person:
    email: str
    password: str
    groups: tuple = field(default=())


ANN = Person("ann@example.com", "correct horse battery staple", ("admins", "eng"))
BOB = Person("bob@example.com", "tr0ub4dor&3 <b>\"'ü", ())


class EmbeddedProvider:
    """The provider inside the server, with the people added by the command line."""

    name = "embedded"
    settings = {}

    def prepare(self, server):
        for person in (ANN, BOB):
            groups = ["--groups", ",".join(person.groups)] if person.groups else []
            done = server.users("add", person.email, "--password-stdin", *groups, stdin=person.password + "\n")
            assert done.returncode == 0, done.stderr + done.stdout

    def at_sign_in(self, browser):
        return browser.wait_for("input[name=password]")

    def sign_in(self, browser, person):
        browser.fill_sign_in(person)

    def close(self):
        pass


class MockProvider:
    """A provider of its own process that speaks OpenID Connect and knows the same people."""

    name = "oidc"

    def __init__(self, directory):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "idp_provider": "oidc",
            "idp_provider_url": self.url,
            "idp_client_id": "postern",
            "idp_client_secret": "mock-client-secret",
        }
        self._log = directory / "provider.log"
        self._process = None
        self.start()

    def start(self):
        arguments = []
        for person in (ANN, BOB):
            claims = {
                "sub": self.subject(person),
                "email": person.email,
                "email_verified": True,
                "name": person.email.split("@")[0].title(),
                "groups": list(person.groups),
            }
            arguments += ["--user-claims", json.dumps(claims)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(self.port), "--require-nonce", "true", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._is_ready, f"the provider answers, see {self._log}")

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def close(self):
        self.stop()

    def prepare(self, server):
        pass

    @staticmethod
    def subject(person):
        return "subject-" + person.email.split("@")[0]

    def at_sign_in(self, browser):
        return browser.wait_for("input[name=sub]")

    def sign_in(self, browser, person):
        browser.press(browser.wait_for(f"button[value='{self.subject(person)}']"))

    def _is_ready(self):
        assert self._process.poll() is None, self._log.read_text()
        try:
            with urllib.request.urlopen(self.url + "/.well-known/openid-configuration", timeout=2) as response:
                return response.status == 200
        except OSError:
            return False
