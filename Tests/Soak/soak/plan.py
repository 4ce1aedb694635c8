"""One soak from beginning to end, and what it found."""

import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from support import network
from support.client import WebClient
from support.configuration import Configuration
from support.network import wait_until
from support.people import ANN, EmbeddedProvider
from support.server import PosternServer

from .changes import Changes
from .processes import Processes
from .traffic import Traffic

MIB = 1024 * 1024


@dataclass
class Plan:
    websockets: int = 1000
    tunnels: int = 100
    reloads: int = 50
    upgrades: int = 5
    #: Seconds between two messages on one connection.
    interval: float = 4
    #: Seconds between two reloads.
    pause: float = 3
    #: What a process may hold more at the end than when all its connections were open: bytes, and descriptors.
    memory: int = 48 * MIB
    descriptors: int = 40


SHORT = Plan(websockets=100, tunnels=10, reloads=10, upgrades=2, interval=1, pause=0.3)


@dataclass
class Result:
    complaints: list = field(default_factory=list)
    lines: list = field(default_factory=list)


def run(plan, tell=lambda line: None):
    """Never raises for what the server does wrong: that stands in the complaints."""
    network.resolve_localhost_names()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    traffic = Traffic(plan.interval)
    with tempfile.TemporaryDirectory(prefix="postern-soak-") as directory:
        server = PosternServer(Path(directory) / "server", _configuration(traffic.applications))
        processes = None
        try:
            server.start()
            processes = Processes(server)
            return _run(plan, server, processes, traffic, tell)
        finally:
            if processes is not None:
                processes.kill()
            server.close()


def _configuration(applications):
    config = Configuration(shutdown_drain_timeout="6h")
    # The first two are the ones that Changes edits.
    config.routes.append({"from": config.url("edited", ""), "response": {"status": 200, "body": "x"}, "allow_public_unauthenticated_access": True})
    config.route("others", f"http://127.0.0.1:{applications.http_port}", policy=[{"allow": {"or": [{"email": {"is": "nobody@example.com"}}]}}])
    ann = [{"allow": {"or": [{"email": {"is": ANN.email}}]}}]
    config.route("ws", f"http://127.0.0.1:{applications.websocket_port}", allow_websockets=True, policy=ann)
    config.route("short", f"http://127.0.0.1:{applications.http_port}", policy=ann)
    config.tunnel("db", 5432, f"tcp://127.0.0.1:{applications.tcp_port}", policy=ann)
    return config


def _credentials(server):
    """The cookie of a browser that is signed in, good on the hosts that it has visited, and the Authorization of a command line."""
    browser = WebClient(server)
    browser.sign_in(server.configuration.url("ws"), ANN)
    browser.get(server.configuration.url("short"))
    cookies = "; ".join(dict.fromkeys(browser.cookie_header("ws").split("; ") + browser.cookie_header("short").split("; ")))
    tool = WebClient(server)
    login = tool.get(server.configuration.url("db", "/.pomerium/api/v1/login?pomerium_redirect_uri=http://127.0.0.1:9/cb"), follow=False)
    answer = tool.submit(tool.get(login.text), follow=False, email=ANN.email, password=ANN.password)
    while not answer.headers["Location"].startswith("http://127.0.0.1:9/cb"):
        answer = tool.get(answer.headers["Location"], follow=False)
    return cookies, "Pomerium " + answer.headers["Location"].split("pomerium_jwt=")[1]


def _run(plan, server, processes, traffic, tell):
    result = Result(lines=processes.lines)
    EmbeddedProvider().prepare(server)
    traffic.point_at(server, *_credentials(server))
    changes = Changes(server)
    began = time.monotonic()
    held = {"websocket": plan.websockets, "tunnel": plan.tunnels - plan.tunnels // 2, "tunnel over HTTP/2": plan.tunnels // 2}
    # A few more in every process that comes later, so that each of them has some to lose.
    later = {"websocket": max(1, plan.websockets // 50), "tunnel": 1, "tunnel over HTTP/2": 1}

    def await_open():
        wait_until(lambda: traffic.failures or all(traffic.open[kind] == count for kind, count in held.items()), f"all are open: {traffic.open}", 300, 0.2)
        time.sleep(plan.pause + 1)
        processes.settle()

    traffic.hold(plan.websockets, plan.tunnels)
    await_open()
    traffic.request_steadily()
    tell(processes.sample(f"{time.monotonic() - began:.0f} s, all open"))
    rounds = plan.upgrades + 1
    made = 0
    for number in range(rounds):
        while made < plan.reloads * (number + 1) // rounds:
            changes.make(made)
            made += 1
            time.sleep(plan.pause)
        tell(processes.sample(f"{time.monotonic() - began:.0f} s, {made} reloads, {number} upgrades"))
        if number < plan.upgrades:
            processes.upgrade()
            traffic.hold(later["websocket"], 2)
            for kind in held:
                held[kind] += later[kind]
            await_open()
    # Everybody has sent once more.
    time.sleep(plan.interval * 2)
    if any(traffic.open[kind] != count for kind, count in held.items()):
        result.complaints.append(f"open at the end: {dict(traffic.open)}, expected {held}")
    result.complaints += processes.growth(plan.memory, plan.descriptors)
    seconds = time.monotonic() - began
    opened = sum(held.values())
    traffic.stop()
    result.complaints += processes.await_ends(30)
    result.complaints += traffic.failures
    short = sum(count for kind, count in traffic.done.items() if kind.startswith("request"))
    if not short or any(not traffic.done[kind] for kind in held):
        result.complaints.append(f"too little was done: {dict(traffic.done)}")
    echoes = sum(traffic.done.values()) - short
    result.lines.append(
        f"{seconds:.0f} s: {held['websocket']} WebSockets and {opened - held['websocket']} tunnels through {made} reloads and {plan.upgrades} upgrades, "
        f"{echoes} echoes, the slowest {traffic.slowest:.2f} s, {short} short requests, {len(traffic.failures)} failures")
    tell(result.lines[-1])
    return result
