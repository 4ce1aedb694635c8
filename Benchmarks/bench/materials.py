"""What all peers are given alike: the certificate, the files behind the upstream, and a browser's header fields."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: The route's host. The one name that every resolver leads to this machine.
HOST = "localhost"
SMALL, LARGE = "/1k", "/large"
LARGE_BYTES = 16 * 1024 * 1024

#: What a browser sends with a request from a page, besides Host and Cookie.
BROWSER_FIELDS = [
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-GB,en;q=0.9,de;q=0.7"),
    ("Referer", "https://localhost/reports/2026?month=3"),
    ("Sec-Ch-Ua", '"Chromium";v="140", "Not=A?Brand";v="24"'),
    ("Sec-Ch-Ua-Mobile", "?0"),
    ("Sec-Ch-Ua-Platform", '"Linux"'),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Site", "same-origin"),
]


@dataclass(frozen=True)
class Materials:
    directory: Path
    certificate: Path
    key: Path
    #: Certificate and key in one file.
    both: Path
    upstream_files: Path
    decision_files: Path


def prepare(directory):
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    files, decisions = directory / "upstream", directory / "decision"
    files.mkdir(exist_ok=True)
    decisions.mkdir(exist_ok=True)
    (files / "1k").write_bytes((b"0123456789abcdef" * 64)[:1024])
    with (files / "large").open("wb") as file:
        for _ in range(LARGE_BYTES // 65536):
            file.write(bytes(range(256)) * 256)
    # A gRPC message of envoy.service.auth.v3.CheckResponse: status with code 0 (field 1), ok_response (field 3), both empty.
    (decisions / "check").write_bytes(b"\x00" + (4).to_bytes(4, "big") + b"\x0a\x00\x1a\x00")
    certificate, key, both = directory / "server.pem", directory / "server-key.pem", directory / "server-both.pem"
    if not both.exists():
        private = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        now = datetime.datetime.now(datetime.timezone.utc)
        names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("*.localhost"), x509.DNSName("authenticate.localhost")])
        leaf = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(names, False)
            .sign(private, hashes.SHA256())
        )
        certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        key.write_bytes(
            private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return Materials(directory, certificate, key, both, files, decisions)
