"""A certificate authority of the demo's own, and what it signs."""

import ssl
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"
_AUTHORITY = x509.Name(
    [x509.NameAttribute(NameOID.COMMON_NAME, "opsportal demo authority")]
)


def make_authority(path: Path, now: datetime) -> None:
    """Write an authority for ten years and, beside it, its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _start(_AUTHORITY, now, timedelta(days=3650), key.public_key())
    certificate = builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    ).sign(key, hashes.SHA256())
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(path.with_suffix(".key"), key)


def serving_context(
    authority: Path, name: str, *, now: datetime, lasts: timedelta
) -> ssl.SSLContext:
    """Return a server's context with a certificate for ``name`` and this machine."""
    signer = serialization.load_pem_private_key(
        authority.with_suffix(".key").read_bytes(), password=None
    )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _start(subject, now, lasts, key.public_key()).add_extension(
        x509.SubjectAlternativeName(
            [x509.DNSName(name), x509.IPAddress(ip_address(ADDRESS))]
        ),
        critical=False,
    )
    certificate = builder.sign(signer, hashes.SHA256())  # type: ignore[arg-type]  # ours
    folder = authority.parent
    chain, secret = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(secret, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, secret)
    return context


def _start(
    subject: x509.Name,
    now: datetime,
    lasts: timedelta,
    key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_AUTHORITY)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + lasts)
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
