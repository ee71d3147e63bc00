"""Ed25519 keys: their files, and signatures over bytes, in base64."""

import base64
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from edge.disk.durable import OWNER, create_file
from edge.disk.plain_file import read_plain
from firmware_bridge.errors import InputRefused

MAKE_ONE = "Make one with sonoedge model keygen"
MOST_BYTES = 100_000
"""A key has some hundred bytes."""


class KeyUnusable(InputRefused):
    """A key file cannot be read or made, or holds another kind of key."""

    code = "key-unusable"


def make_private_key(path: Path) -> Ed25519PrivateKey:
    """Makes a key in a new file, PEM without a passphrase; only its owner is allowed to read it; it survives a power cut.

    Raises:
        FileExistsError: `path` exists; it stays as it is.
        OSError: the folder or the disk refuses it.
    """
    key = Ed25519PrivateKey.generate()
    create_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), OWNER)
    return key


def private_key(path: Path) -> Ed25519PrivateKey:
    """Reads the file of a private key.

    Raises:
        KeyUnusable: it cannot be read, or is not an Ed25519 private key in PEM without a passphrase.
    """
    try:
        key = load_pem_private_key(read_plain(path, MOST_BYTES, links=True), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{path} cannot be read as a private key ({error})", MAKE_ONE) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} is not an Ed25519 private key", MAKE_ONE)
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Reads the file of a public key.

    Raises:
        KeyUnusable: it cannot be read, or is not an Ed25519 public key in PEM.
    """
    try:
        key = load_pem_public_key(read_plain(path, MOST_BYTES, links=True))
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{path} cannot be read as a public key ({error})", "Remove it, or copy it again") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusable(f"{path} is not an Ed25519 public key", f"Remove it. {MAKE_ONE}")
    return key


def pem(key: Ed25519PublicKey) -> str:
    """A public key as text."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@lru_cache(maxsize=8)
def from_pem(text: str) -> Ed25519PublicKey | None:
    """A public key from text; None if the text is not an Ed25519 public key."""
    try:
        key = load_pem_public_key(text.encode())
    except (UnsupportedAlgorithm, ValueError):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def sign(key: Ed25519PrivateKey, content: bytes) -> str:
    """Base64 of the signature (RFC 8032)."""
    return base64.b64encode(key.sign(content)).decode()


def holds(key: Ed25519PublicKey, content: bytes, signature: str) -> bool:
    """True if `signature`, in base64, is the key's signature of `content`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True
