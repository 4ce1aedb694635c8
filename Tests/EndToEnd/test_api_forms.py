"""A client that is no browser gets an answer in its own form."""

import pytest

from support.client import curl
from support.people import ANN

NAVIGATE = ["Accept: text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]


def get(embedded, host, path="/", *arguments, headers=()):
    return curl(embedded.server, embedded.url(host, path), *arguments, headers=headers)


def is_own_answer(answer):
    """Every answer that is not the application's carries these."""
    assert answer.header("X-Request-Id"), answer.headers
    assert answer.header("X-Pomerium-Intercepted-Response") == "true", answer.headers
    return True


def test_a_navigation_is_sent_to_sign_in(embedded):
    answer = get(embedded, "app", "/x?y=1", headers=NAVIGATE)
    assert answer.status in (302, 303)
    assert answer.header("Location").startswith(embedded.url("authenticate", "/.pomerium/sign_in?"))
    assert is_own_answer(answer)
    assert "no-store" in (answer.header("Cache-Control") or "no-store")


def test_curl_without_options_is_sent_to_sign_in_too(embedded):
    """No usable Accept means a redirect: deployed scripts follow it."""
    assert get(embedded, "app", headers=["Accept:"]).status in (302, 303, 401)


@pytest.mark.parametrize(
    "headers",
    [
        ["Accept: application/json"],
        ["Accept: application/json, text/plain;q=0.5, */*;q=0.1"],
        ["Accept: */*", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"],
        ["Accept: */*", "X-Requested-With: XMLHttpRequest"],
    ],
)
def test_an_api_client_gets_401_in_json_with_the_way_to_sign_in(embedded, headers):
    answer = get(embedded, "app", "/api/items", headers=headers)
    assert answer.status == 401
    assert answer.header("Content-Type").startswith("application/json")
    body = answer.json()
    assert body["error"] and body["request_id"] == answer.header("X-Request-Id")
    assert body["login_url"].startswith("https://")
    assert is_own_answer(answer)
    assert not answer.header("Location")


def test_plain_text_on_request(embedded):
    answer = get(embedded, "app", headers=["Accept: text/plain"])
    assert answer.status == 401
    assert answer.header("Content-Type").startswith("text/plain")
    assert "<html" not in answer.text and answer.text.strip()


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto"])
def test_grpc_gets_a_trailers_only_answer(embedded, content_type):
    answer = get(embedded, "app", "/pkg.Service/Method", "--request", "POST", "--data-binary", "", headers=[f"Content-Type: {content_type}", "TE: trailers"])
    assert answer.status == 200
    assert answer.header("grpc-status") == "16"
    assert answer.header("grpc-message")
    assert answer.header("Content-Type").startswith("application/grpc")
    assert not answer.body


def test_an_unknown_token_is_refused_and_not_redirected(embedded):
    for header in ("Authorization: Pomerium nonsense", "X-Pomerium-Authorization: nonsense", "Authorization: Bearer Pomerium-nonsense"):
        answer = get(embedded, "app", headers=[*NAVIGATE, header])
        assert answer.status == 401, header


def test_kubernetes_clients_get_a_status_object(embedded):
    answer = get(embedded, "app", "/api/v1/pods", headers=["User-Agent: kubectl/v1.34.0 (linux/amd64) kubernetes/abc", "Accept: application/json"])
    assert answer.status == 401
    assert answer.json()["kind"] == "Status" and answer.json()["reason"] == "Unauthorized" and answer.json()["code"] == 401


def test_crawlers_are_turned_away_without_an_error(embedded):
    answer = get(embedded, "app", "/robots.txt")
    assert answer.status == 200
    assert answer.text.splitlines() == ["User-agent: *", "Disallow: /"]


def test_a_denied_api_client_gets_403_in_json(embedded, signed_in):
    signed_in.get(embedded.url("ann"))
    cookie = signed_in.cookie_header("app")
    answer = get(embedded, "admins", headers=["Accept: application/json", f"Cookie: {cookie}"])
    # A cookie of one host is no session on another one.
    assert answer.status == 401


@pytest.mark.parametrize(("host", "path"), [("nobody", "/"), ("paths", "/outside"), ("paths", "/onl")])
def test_an_unknown_host_or_path_is_404_in_each_form(embedded, host, path):
    # The local authority may not issue a certificate for a host without a route.
    page = get(embedded, host, path, "--insecure", headers=NAVIGATE)
    assert page.status == 404 and page.header("Content-Type").startswith("text/html") and page.header("X-Request-Id") in page.text
    data = get(embedded, host, path, "--insecure", headers=["Accept: application/json"])
    assert data.status == 404 and data.json()["error"] and data.json()["request_id"]
    text = get(embedded, host, path, "--insecure", headers=["Accept: text/plain"])
    assert text.status == 404 and text.header("Content-Type").startswith("text/plain")
    grpc = get(embedded, host, path, "--insecure", "--request", "POST", "--data-binary", "", headers=["Content-Type: application/grpc"])
    assert grpc.status == 200 and grpc.header("grpc-status") == "5"


def test_a_prefix_route_serves_its_prefix(embedded):
    assert get(embedded, "paths", "/only/this").json()["path"] == "/only/this"


@pytest.mark.parametrize("host", ["app", "public", "authenticate"])
@pytest.mark.parametrize("path", ["/ping", "/healthz"])
def test_liveness(embedded, host, path):
    answer = get(embedded, host, path)
    assert answer.status == 200 and answer.text == "OK\n" and answer.header("Content-Type").startswith("text/plain")
    head = get(embedded, host, path, "--head")
    assert head.status == 200 and not head.body
    refused = get(embedded, host, path, "--request", "DELETE")
    assert refused.status == 405


@pytest.mark.parametrize("path", ["/.well-known/pomerium", "/.well-known/pomerium/"])
def test_the_well_known_document(embedded, path):
    answer = get(embedded, "app", path)
    body = answer.json()
    assert answer.header("Content-Type").startswith("application/json")
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert body["jwks_uri"] == embedded.url("app", "/.well-known/pomerium/jwks.json")
    assert body["authentication_callback_endpoint"] == embedded.url("authenticate", "/oauth2/callback")
    assert body["issuer"].startswith("https://app.localhost")
    assert body["frontchannel_logout_uri"] == embedded.url("app", "/.pomerium/sign_out")


def test_the_user_endpoint_needs_a_session(embedded):
    assert get(embedded, "app", "/.pomerium/user", headers=["Accept: application/json"]).status == 401
    assert get(embedded, "app", "/.pomerium/user", headers=NAVIGATE).status in (302, 303)


def test_own_paths_are_never_the_applications(embedded):
    for path in ("/.pomerium/no-such-page", "/.pomerium/api/v1/nothing", "/.well-known/pomerium/nothing"):
        assert get(embedded, "public", path).status in (404, 405)
        assert not embedded.upstream.seen(path)


def test_own_pages_allow_no_script_and_no_frame(embedded):
    answer = get(embedded, "app", "/.pomerium/", headers=NAVIGATE)
    policy = answer.header("Content-Security-Policy")
    for part in ("default-src 'none'", "style-src 'sha256-", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy, policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text


def test_static_files_are_cacheable(embedded):
    answer = get(embedded, "app", "/.pomerium/favicon.ico")
    assert answer.status == 200 and answer.body
    again = get(embedded, "app", "/.pomerium/favicon.ico", headers=[f"If-None-Match: {answer.header('ETag')}"])
    assert again.status == 304


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "http://localhost.evil.example/", "https://localhost@evil.example/", "javascript:alert(1)", "\\\\evil", ""],
)
def test_no_open_redirect_for_programmatic_login(embedded, target):
    answer = get(embedded, "app", "/.pomerium/api/v1/login", "--get", "--data-urlencode", f"pomerium_redirect_uri={target}")
    assert answer.status in (400, 404)


def test_programmatic_login_gives_a_sign_in_address(embedded):
    answer = get(embedded, "app", "/.pomerium/api/v1/login", "--get", "--data-urlencode", "pomerium_redirect_uri=http://localhost:8000/cb")
    assert answer.status == 200
    assert answer.text.startswith(embedded.url("authenticate", "/.pomerium/sign_in?"))


@pytest.mark.parametrize(
    "path",
    [
        "/.pomerium/callback/?pomerium_redirect_uri=https://evil.example",
        "/.pomerium/callback/",
        "/.pomerium/callback/?pomerium_signature=AAAA&pomerium_redirect_uri=https://app.localhost/",
    ],
)
def test_an_unsigned_callback_leads_nowhere_else(embedded, path):
    """It is no dead end either: the browser lands on the application's first page, and is asked to sign in there."""
    answer = get(embedded, "app", path, headers=NAVIGATE)
    assert (answer.status, answer.header("Location")) == (302, "/")
    assert not any(cookie.split("=")[1].split(";")[0] for cookie in answer.all("Set-Cookie"))


def test_the_answer_of_the_application_keeps_its_form(embedded, signed_in):
    answer = signed_in.get(embedded.url("app", "/status?code=503"))
    assert answer.status_code == 503
    assert "x-pomerium-intercepted-response" not in answer.headers
    assert answer.headers["X-Request-Id"]
    assert signed_in.get(embedded.url("app", "/.pomerium/user"), headers={"Accept": "application/json"}).json()["email"] == ANN.email
