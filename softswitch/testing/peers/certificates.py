"""Certificates for tests with TLS: an authority and a server certificate signed by it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from softswitch.errors import EnvironmentFaultError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec


@attrs.frozen(kw_only=True)
class Certificates:
    """PEM files.

    Attributes:
        authority: certificate of the authority, for those who check.
        certificate: the server's certificate.
        key: the server's private key, not encrypted.
        combined: certificate and key in one file, as baresip wants them.
    """

    authority: Path
    certificate: Path
    key: Path
    combined: Path


def make_certificates(
    folder: Path, hosts: Sequence[str] = ("127.0.0.1", "::1", "localhost")
) -> Certificates:
    """Make an authority and a server certificate for ``hosts``, valid for a week.

    Args:
        folder: where the files go.
        hosts: addresses and names that the certificate is for.

    Raises:
        EnvironmentFaultError: the package ``cryptography`` is missing.
    """
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    except ImportError as error:
        remedy = "pip install cryptography"
        raise EnvironmentFaultError("cryptography is not installed", remedy=remedy) from error
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _sign("softswitch test authority", authority_key, None, authority_key, ())
    server = _sign(hosts[0], key, authority, authority_key, hosts)
    key_text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    texts = [c.public_bytes(serialization.Encoding.PEM) for c in (authority, server)]
    files = {"authority": texts[0], "certificate": texts[1], "key": key_text}
    files["combined"] = texts[1] + key_text
    paths = {name: folder / f"{name}.pem" for name in files}
    for name, path in paths.items():
        path.touch(mode=0o600)
        path.write_bytes(files[name])
    return Certificates(**paths)


def _sign(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    hosts: Sequence[str],
) -> x509.Certificate:
    """A certificate for ``key``; without an issuer it signs itself and may sign others."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    authority_key = issuer_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key), critical=False
        )
        .add_extension(_key_usage(signs=issuer is None), critical=True)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509  # noqa: PLC0415

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    from cryptography import x509  # noqa: PLC0415

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
