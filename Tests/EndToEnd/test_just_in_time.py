"""The example of a grant that ends by itself, as its guide tells it."""

import os
import shutil
import subprocess
from pathlib import Path

from support.client import WebClient, is_sign_in
from support.configuration import Configuration
from support.network import wait_until
from support.people import ANN, BOB, EmbeddedProvider
from support.server import binary

EXAMPLE = Path(__file__).parents[2] / "Examples" / "just-in-time"


class ExampleConfiguration(Configuration):
    """The example's own file, on ports of the test's own."""

    def text(self):
        text = (EXAMPLE / "config.yaml").read_text().replace(":8443", f":{self.port}").replace("address: :", "address: 127.0.0.1:")
        return text + f"health_check_addr: 127.0.0.1:{self.health_port}\n"


def grant(server, email, seconds):
    environment = os.environ | {"POSTERN": str(binary())}
    command = [EXAMPLE / "grant.sh", email, str(seconds), server.configuration_path]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)


def test_a_grant_begins_and_ends_while_the_person_is_signed_in(start_server):
    server = start_server(ExampleConfiguration())
    EmbeddedProvider().prepare(server)
    url = server.configuration.url("payroll")
    ann, bob = WebClient(server), WebClient(server)
    assert is_sign_in(ann.get(url))
    assert ann.sign_in(url, ANN).status_code == 403
    assert bob.sign_in(url, BOB).status_code == 403

    done = grant(server, ANN.email, 4)
    assert done.returncode == 0, done.stdout + done.stderr
    wait_until(lambda: ann.get(url).status_code == 200, "the grant begins", 3)
    assert bob.get(url).status_code == 403
    wait_until(lambda: ann.get(url).status_code == 403, "the grant ends", 8)
    assert "date-unauthorized" in server.log


def test_a_grant_that_breaks_the_tests_is_not_written(tmp_path):
    config = tmp_path / "config.yaml"
    shutil.copy(EXAMPLE / "config.yaml", config)
    before = config.read_text()
    config.write_text(before.replace("at: 2100", "at: 2020"))
    changed = config.read_text()
    environment = os.environ | {"POSTERN": str(binary())}
    done = subprocess.run([EXAMPLE / "grant.sh", ANN.email, "60", config], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and 'test "every grant ends" failed' in done.stderr
    assert config.read_text() == changed and list(tmp_path.iterdir()) == [config]
