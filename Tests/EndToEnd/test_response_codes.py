"""What ended a request is told alike by the access log, the page, JSON and gRPC, and stands in the reference."""

import json
import re
from pathlib import Path

import pytest

from support import configuration
from support.client import NAVIGATION, RawConnection, curl
from support.network import free_port, wait_until
from support.upstream import SilentPeer

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "response-codes.md"


def table():
    """Detail to statuses and flags, as the reference says."""
    rows = {}
    details = REFERENCE.read_text().split("## Details")[1].split("## Flags")[0]
    for name, statuses, flags in re.findall(r"^\| `([^`]+)` \| ([^|]*) \| ([^|]*) \|", details, re.MULTILINE):
        rows[name] = (re.findall(r"\d+", statuses), re.findall(r"`(\w+)`", flags))
    return rows


@pytest.fixture(scope="module")
def failing(tmp_path_factory, upstream):
    from support.server import PosternServer

    silent = SilentPeer()
    config = configuration.standard(upstream)
    public = {"allow_public_unauthenticated_access": True}
    config.route("refused", f"http://127.0.0.1:{free_port()}", **public)
    config.route("no-name", "http://no-such-host.invalid", **public)
    config.route("silent", f"http://127.0.0.1:{silent.port}", timeout="1s", **public)
    config.route("idle", f"http://127.0.0.1:{silent.port}", idle_timeout="1s", **public)
    server = PosternServer(tmp_path_factory.mktemp("codes"), config).start()
    yield server
    server.close()
    silent.close()


#: Host, path, detail without its reason, status, flag, gRPC status.
CASES = [
    ("paths", "/outside", "route_not_found", 404, "NR", 5),
    ("refused", "/", "upstream_reset_before_response_started", 503, "UF", 14),
    ("public", "/break-before-response", "upstream_reset_before_response_started", 503, "UC", 14),
    ("public", "/garbage", "upstream_reset_before_response_started", 502, "UPE", 13),
    ("no-name", "/", "no_healthy_upstream", 503, "UH", 14),
    ("silent", "/", "upstream_response_timeout", 504, "UT", 4),
    ("idle", "/", "stream_idle_timeout", 504, "SI", 4),
    ("public", "/a%2Fb", "path_normalization_failed", 400, None, 13),
    ("app", "/", "ext_authz_denied", 401, "UAEX", 16),
]


def line(server, request_id):
    """The access line of a request."""
    found = lambda: next((l for l in server.output.splitlines() if request_id in l and '"http-request"' in l), None)
    return json.loads(wait_until(found, f"the access line of {request_id}"))


@pytest.mark.parametrize(("host", "path", "detail", "status", "flag", "grpc"), CASES)
def test_every_form_tells_the_same(failing, host, path, detail, status, flag, grpc):
    url = failing.configuration.url(host, path)
    statuses, flags = table()[detail]
    assert str(status) in statuses and (flag is None or flag in flags)

    answer = curl(failing, url, "--path-as-is", headers=["Accept: application/json"])
    body = answer.json()
    assert (answer.status, body["status"]) == (status, str(status))
    assert body["requestId"] == answer.header("X-Request-Id")
    assert re.split("[{(]", body["statusText"])[0] == detail
    logged = line(failing, body["requestId"])
    assert (logged["response-code"], logged["response-code-details"], logged.get("response-flags")) == (status, body["statusText"], flag)

    if status != 401:
        page = curl(failing, url, "--path-as-is", headers=[f"{name}: {value}" for name, value in NAVIGATION.items()])
        assert page.status == status and page.header("Content-Type").startswith("text/html")
        assert detail in page.text and page.header("X-Request-Id") in page.text

    call = curl(failing, url, "--path-as-is", headers=["Content-Type: application/grpc"])
    assert (call.status, call.header("grpc-status")) == (200, str(grpc))


def test_answers_that_end_well_say_so(failing):
    for host, path, detail in (("public", "/", "via_upstream"), ("public", "/.well-known/pomerium", "direct_response")):
        answer = curl(failing, failing.configuration.url(host, path))
        logged = line(failing, answer.header("X-Request-Id"))
        assert (logged["response-code-details"], logged.get("response-flags")) == (detail, None)
        assert detail in table()


def test_heads_that_nobody_can_read_are_answered_in_plain_text(failing):
    for request, status, detail in (
        (b"GET / HTTP/1.1\r\n\r\n", 400, "missing_host_header"),
        (b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", 426, "low_version"),
        (b"nonsense\r\n\r\n", 400, "http1.codec_error"),
    ):
        with RawConnection(failing) as connection:
            answer = connection.send(request).response()
        assert answer.status == status and detail in answer.text
        logged = line(failing, answer.header("X-Request-Id"))
        assert (logged["response-code-details"], logged["response-flags"]) == (detail, "DPE")
