"""Certificates of a device: a key and its certificate in one file, so that a power cut never leaves one without the other."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from typing_extensions import Self

from edge.disk.durable import OWNER, replace_file
from edge.disk.plain_file import read_plain

AUTHORITY_FROM, AUTHORITY_TO = datetime(2025, 1, 1, tzinfo=timezone.utc), datetime(2075, 1, 1, tzinfo=timezone.utc)
"""Fixed, so that a board with a wrong clock makes a valid authority too."""
LEAF_BEFORE, LEAF_AFTER = timedelta(days=1), timedelta(days=397)
"""A client may have a clock that is slow; browsers admit no leaf of more than 398 days."""
MOST_BYTES = 20_000
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True, slots=True)
class Certified:
    """A P-256 key and its certificate."""

    key: EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the file that `store` wrote.

        Raises:
            FileNotFoundError: there is none.
            OSError, ValueError: it cannot be read, or does not hold a P-256 key and its certificate.
        """
        content = read_plain(path, MOST_BYTES)
        key, certificate = load_pem_private_key(content, password=None), x509.load_pem_x509_certificate(content)
        if not isinstance(key, EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("the key is not the one of the certificate")
        return cls(key, certificate)

    def store(self, path: Path) -> None:
        """Writes both as PEM, as `ssl.SSLContext.load_cert_chain` reads them; only the owner is allowed to read them.

        Raises:
            OSError: the folder or the disk refuses it; the old file is still there.
        """
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        replace_file(path, key + self.pem.encode(), OWNER)

    @property
    def pem(self) -> str:
        """The certificate alone, as clients install it."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as browsers show it: `AA:BB:...`."""
        return self.certificate.fingerprint(SHA256()).hex(":").upper()


def new_authority(name: str, host: str) -> Certified:
    """A root that signs leaves for `host`, localhost and 127.0.0.1 only (RFC 5280, 4.2.1.10): stolen, it can speak for no other site."""
    key = generate_private_key(SECP256R1())
    subject = _name(name)
    permitted = [x509.DNSName(host), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_network("127.0.0.1/32"))]
    builder = (
        _builder(subject, subject, key.public_key(), AUTHORITY_FROM, AUTHORITY_TO)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign"), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
    )
    return Certified(key, builder.sign(key, SHA256()))


def new_leaf(authority: Certified, names: tuple[str, ...], now: datetime) -> Certified:
    """A certificate of a server with these names and addresses; clients refuse one that is outside the constraints of the authority."""
    key, issuer = generate_private_key(SECP256R1()), authority.certificate
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = (
        _builder(_name(names[0]), issuer.subject, key.public_key(), now - LEAF_BEFORE, now + LEAF_AFTER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(issuer_key, critical=False)
    )
    return Certified(key, builder.sign(authority.key, SHA256()))


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """The names and addresses of a leaf."""
    stated = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return frozenset(str(name.value) for name in stated)


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePublicKey, begin: datetime, end: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(only: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage == only for usage in USAGES})


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
