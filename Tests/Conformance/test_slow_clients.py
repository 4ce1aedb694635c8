"""slowhttptest: clients that take their time do not keep others from being served, and are got rid of."""

import re
import subprocess
import threading
import time
from pathlib import Path

import pytest
from conftest import route_on_localhost
from harness.peers import tool
from support.client import curl
from support.configuration import Configuration
from support.network import wait_until
from support.upstream import EchoApp

CONNECTIONS = 400
#: Bytes that a slow connection may hold: what waits for its reader, clear and encrypted, and what was read ahead from the application.
PER_CONNECTION = 384 * 1024

MODES = {
    "headers": ["-H", "-i", "1", "-x", "20"],
    "body": ["-B", "-i", "1", "-s", "100000", "-x", "20"],
    # 4 MiB for each reader, taken in sips of 32 bytes a second from a window of some hundred.
    "read": ["-X", "-w", "256", "-y", "512", "-z", "32", "-n", "1", "-k", "3"],
}


@pytest.fixture(scope="module")
def postern(run_server):
    upstream = EchoApp()
    config = Configuration(timeout_read="3s", timeout_idle="4s", timeout_write="8s")
    # What the others ask for does not depend on the application, which is a small one and busy with the slow ones.
    config.routes.append({"from": config.url("quick", ""), "response": {"status": 200, "body": "quick"}, "allow_public_unauthenticated_access": True})
    yield run_server(route_on_localhost(config, upstream.url))
    upstream.close()


def open_files(postern):
    return len(list(Path(f"/proc/{postern.server.pid}/fd").iterdir()))


@pytest.mark.parametrize("mode", [pytest.param(mode, marks=[] if mode == "headers" else pytest.mark.slow) for mode in MODES])
def test_others_are_served_and_the_slow_ones_end(postern, mode):
    files, memory = open_files(postern), postern.server.memory()
    path = "/download?bytes=4194304" if mode == "read" else "/slow"
    command = [tool("slowhttptest"), "-c", CONNECTIONS, "-r", 200, "-l", 10, "-p", 3, "-u", postern.localhost(path=path), *MODES[mode]]
    attack = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = []
    reader = threading.Thread(target=lambda: output.append(attack.stdout.read()))
    reader.start()
    times = []
    while attack.poll() is None:
        # As curl has measured it: this process is the application too, and busy with the slow ones.
        answer = curl(postern.server, postern.config.url("quick"), "--write-out", "%{time_total}", timeout=10)
        assert answer.status == 200 and answer.text.startswith("quick")
        times.append(float(answer.text.removeprefix("quick")))
        time.sleep(0.1)
    reader.join()
    plain = re.sub(r"\x1b\[[\d;]*m", "", output[0])
    opened = max((int(number) for number in re.findall(r"(?:connected|closed|pending):\s+(\d+)", plain)), default=0)
    assert opened >= CONNECTIONS // 4, f"slowhttptest did not come through\n{plain[-1500:]}"
    assert len(times) > 10 and max(times) < 3, times
    wait_until(lambda: open_files(postern) <= files + 10, "the slow connections are closed", 20)
    assert postern.server.memory() - memory < CONNECTIONS * PER_CONNECTION
