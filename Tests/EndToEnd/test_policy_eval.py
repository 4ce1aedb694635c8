"""An operator tries a policy out on the facts of one request."""

import base64
import datetime
import hashlib
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.server import run_cli

ALICE = {
    "session": {"id": "s1", "user_id": "u1", "claims": {"dept": ["it"]}},
    "user": {"id": "u1", "email": "alice@example.com"},
}


def evaluate(tmp_path, policy, facts, *arguments):
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    return run_cli("policy", "eval", "--policy", tmp_path / "policy.yaml", "--facts", tmp_path / "facts.json", *arguments)


def decision(tmp_path, policy, facts, *arguments):
    done = evaluate(tmp_path, policy, facts, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_prints_the_decision(tmp_path):
    policy = "allow: {or: [email: alice@example.com]}\ndeny: {or: [http_path: {starts_with: /admin}]}"
    assert decision(tmp_path, policy, ALICE | {"request": {"path": "/admin/x"}}) == {
        "allow": True,
        "deny": True,
        "reasons": ["email-ok", "http-path-ok"],
        "allow_reasons": ["email-ok"],
        "deny_reasons": ["http-path-ok"],
        "outcome": "forbidden",
    }


@pytest.mark.parametrize(
    "policy, facts, outcome",
    [
        ("allow: {or: [accept: true]}", {}, "allowed"),
        ("allow: {or: [email: a]}", {"session": None}, "login"),
        ("allow: {or: [device: {type: any}]}", ALICE, "device_enrollment"),
        (
            "allow: {or: [device: {approved: true}]}",
            {
                "session": {"id": "s", "user_id": "u", "device_credentials": [{"type_id": "any", "credential_id": "c"}]},
                "devices": [{"credential_id": "c", "enrollment_id": "e", "type_id": "any", "approved_by": None, "enrolled": True}],
            },
            "device_unauthorized",
        ),
        ("deny: {or: [invalid_client_certificate: true]}", {"client_cert": None}, "client_certificate"),
        ("{}", {}, "forbidden"),
        ("allow: {or: [mcp_tool: x]}", {"mcp": {"method": "tools/call", "tool": "y"}}, "mcp_error"),
        ("allow: {or: [mcp_tool: x]}", {"mcp": {}}, "mcp_unauthorized"),
    ],
)
def test_names_every_outcome(tmp_path, policy, facts, outcome):
    assert decision(tmp_path, policy, facts)["outcome"] == outcome


def test_explains_what_each_criterion_saw_and_wanted(tmp_path):
    answer = decision(tmp_path, "allow:\n  and:\n    - email: bob@example.com\n    - claim/dept: it\n", ALICE, "--explain")
    (conditional,) = answer["explanation"][0]["allow"]
    assert conditional["conditional"] == "and" and conditional["result"] is False
    email, claim = conditional["criteria"]
    assert "alice@example.com" in email["seen"] and "bob@example.com" in email["wanted"]
    assert email["result"] == "unfulfilled" and email["position"].endswith("policy.yaml:3:7")
    assert claim["result"] == "fulfilled" and "it" in claim["seen"]


def test_reads_real_certificates(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.RFC822Name("ann@example.com"), x509.DNSName("pc.example.com"), x509.UniformResourceIdentifier("spiffe://example/ann")]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    )
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    spki_hash = base64.b64encode(hashlib.sha256(spki).digest()).decode()
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    facts = {"client_cert": {"presented": True, "valid": True, "pem": pem}}
    good = [
        f"{{fingerprint: {fingerprint}}}", f"{{spki_hash: {spki_hash}}}", "{san_email: ann@example.com}", "{san_dns: {ends_with: .example.com}}",
        "{san_uri: {starts_with: 'spiffe:'}}",
    ]
    for condition in good:
        answer = decision(tmp_path, f"allow: {{or: [client_certificate: {condition}]}}", facts)
        assert answer["outcome"] == "allowed", condition
    answer = decision(tmp_path, "allow: {or: [client_certificate: {san_dns: {not_in: [pc.example.com]}}]}", facts)
    assert answer["reasons"] == ["client-certificate-unauthorized"]
    facts["client_cert"]["valid"] = False
    assert decision(tmp_path, f"allow: {{or: [client_certificate: {good[0]}]}}", facts)["allow"] is False


def test_takes_the_policy_from_standard_input(tmp_path):
    (tmp_path / "facts.json").write_text("{}")
    done = run_cli("policy", "eval", "--policy", "-", "--facts", tmp_path / "facts.json", stdin='[{"allow": {"and": [{"accept": true}]}}]')
    assert json.loads(done.stdout)["outcome"] == "allowed"


def test_problems_have_positions_and_exit_status_1(tmp_path):
    done = evaluate(tmp_path, "allow:\n  or:\n    - emial: x\n    - source_ip: 300.1.1.1\n", {})
    assert done.returncode == 1 and done.stdout == ""
    assert "policy.yaml:3:7: error: unknown policy criterion: emial" in done.stderr
    assert 'policy.yaml:4:18: error: error generating criterion rules: expected IP or CIDR range, got: "300.1.1.1"' in done.stderr
    done = evaluate(tmp_path, "{}", {"session": 5})
    assert done.returncode == 1 and "facts.json:1:" in done.stderr
    assert run_cli("policy", "eval", "--policy", tmp_path / "none", "--facts", tmp_path / "facts.json").returncode == 1
