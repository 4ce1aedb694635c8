"""The application verifies the identity assertion with the published keys, as any JWT library does."""

import re
import ssl
import time

import jwt
import pytest

from support.client import WebClient, curl, decode_part
from support.people import ANN


def assertion(client, url):
    echo = client.get(url, headers={"Accept": "application/json"}).json()
    found = [value for name, value in echo["headers"] if name.lower() == "x-pomerium-jwt-assertion"]
    assert len(found) == 1, echo["headers"]
    return found[0]


def keys(deployment, host):
    context = ssl.create_default_context(cafile=str(deployment.server.ca))
    return jwt.PyJWKClient(deployment.url(host, "/.well-known/pomerium/jwks.json"), ssl_context=context)


def test_verifies_with_the_published_keys(embedded, signed_in):
    token = assertion(signed_in, embedded.url("app"))
    key = keys(embedded, "app").get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token, key.key, algorithms=["ES256"], audience="app.localhost", issuer="app.localhost",
        options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]},
    )
    assert claims["exp"] - claims["iat"] == 300
    assert abs(claims["iat"] - time.time()) < 10
    assert claims["email"] == ANN.email
    assert sorted(claims["groups"]) == sorted(ANN.groups)
    assert claims["sub"] and claims["sub"] == claims["user"]
    assert claims["sid"]
    assert isinstance(claims["aud"], str)


def test_names_algorithm_and_key(embedded, signed_in):
    token = assertion(signed_in, embedded.url("app"))
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "ES256"
    assert re.fullmatch(r"[0-9a-f]{64}", header["kid"]), header
    published = keys(embedded, "app").get_signing_keys()
    assert header["kid"] in [key.key_id for key in published]


def test_the_key_id_is_the_thumbprint_of_the_key(embedded):
    import hashlib
    import json

    for key in curl(embedded.server, embedded.url("app", "/.well-known/pomerium/jwks.json")).json()["keys"]:
        assert key["use"] == "sig" and "d" not in key
        canonical = json.dumps({name: key[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
        assert key["kid"] == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_audience_is_the_host_asked(embedded, signed_in):
    signed_in.get(embedded.url("other"))
    token = assertion(signed_in, embedded.url("other"))
    key = keys(embedded, "other").get_signing_key_from_jwt(token)
    assert jwt.decode(token, key.key, algorithms=["ES256"], audience="other.localhost")["iss"] == "other.localhost"
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key.key, algorithms=["ES256"], audience="app.localhost")


def test_an_assertion_serves_several_requests_and_lives_long_enough(embedded, signed_in):
    """Signing is not paid per request; what an application gets is still good for at least three minutes."""
    claims = [decode_part(assertion(signed_in, embedded.url("app")).split(".")[1]) for _ in range(5)]
    assert len({claim["jti"] for claim in claims}) <= 2
    assert all(claim["exp"] - time.time() > 175 for claim in claims)


def test_the_keys_are_the_same_on_every_host_and_after_a_restart(own):
    def published(host):
        return {key.key_id for key in keys(own, host).get_signing_keys()}

    before = published("app")
    assert before == published("authenticate") == published("public")
    own.server.restart()
    assert published("app") == before


def test_the_keys_are_readable_without_signing_in_and_cacheable(embedded):
    answer = curl(embedded.server, embedded.url("app", "/.well-known/pomerium/jwks.json"))
    assert answer.status == 200
    assert answer.header("Content-Type").startswith("application/json")
    assert answer.header("Cache-Control") == "max-age=60"
    assert answer.header("Access-Control-Allow-Origin") == "*"
    etag = answer.header("ETag")
    again = curl(embedded.server, embedded.url("app", "/.well-known/pomerium/jwks.json"), headers=[f"If-None-Match: {etag}"])
    assert again.status == 304 and not again.body


def test_nobody_has_no_assertion(embedded):
    echo = curl(embedded.server, embedded.url("public", "/anonymous")).json()
    assert not [name for name, _ in echo["headers"] if name.lower().startswith("x-pomerium-jwt")]


def test_a_signed_in_user_is_known_on_a_public_route(embedded):
    client = WebClient(embedded.server)
    client.sign_in(embedded.url("app"), ANN)
    answer = client.get(embedded.url("public"), headers={"Accept": "application/json"})
    assert answer.status_code == 200


def test_claims_of_the_oidc_provider(oidc, open_browser):
    browser = open_browser(oidc.server)
    browser.open(oidc.url("app"))
    oidc.provider.sign_in(browser, ANN)
    headers = {name.lower(): value for name, value in browser.echo()["headers"]}
    token = headers["x-pomerium-jwt-assertion"]
    key = keys(oidc, "app").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key.key, algorithms=["ES256"], audience="app.localhost", issuer="app.localhost")
    assert claims["sub"] == oidc.provider.subject(ANN)
    assert claims["email"] == ANN.email
    assert claims["name"] == "Ann"
    assert set(ANN.groups) <= set(claims["groups"])


def test_the_user_endpoint_says_the_same(embedded, signed_in):
    user = signed_in.get(embedded.url("app", "/.pomerium/user"), headers={"Accept": "application/json"})
    assert user.headers["Content-Type"].startswith("application/json")
    claims = decode_part(assertion(signed_in, embedded.url("app")).split(".")[1])
    for name in ("sub", "user", "email", "groups", "sid"):
        assert user.json()[name] == claims[name]
    assert not {"iss", "aud", "exp", "iat", "jti"} & set(user.json())
