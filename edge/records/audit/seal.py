"""The appliance's own key: it signs the newest entry of the audit chain, so that nobody else can write a chain of his own."""

import base64
import hashlib
import os
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
from typing_extensions import Self

from edge.disk.durable import sync_folder
from edge.disk.layout import DataFolder
from edge.records.errors import RecordsUnusable


class Seal:
    """Signs and checks; the private key never leaves its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key()

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The key of a data folder, made where there is none.

        Raises:
            RecordsUnusable: it cannot be read or made, or is no such key.
        """
        path = DataFolder(folder).audit_key
        try:
            if not path.exists():
                _write(path, Ed25519PrivateKey.generate())
            key = load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError) as error:
            raise RecordsUnusable(
                f"{path} cannot be used ({error})", "Put it back from a backup, or give this user the right to it"
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise RecordsUnusable(f"{path} is no Ed25519 key", "Put it back from a backup")
        return cls(key)

    @property
    def public(self) -> str:
        """The public key in PEM, by which others check what was exported."""
        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, said: str) -> str:
        """Base64 of the Ed25519 signature."""
        return base64.b64encode(self._key.sign(said.encode())).decode()

    def holds(self, said: str, signature: str) -> bool:
        """Whether this key signed it."""
        return _holds(self._public, said, signature)

    @property
    def fingerprint(self) -> str:
        """Of the public key, to be read aloud or written down."""
        return fingerprint(self.public)


def holds(public: str, said: str, signature: str) -> bool:
    """Whether the key whose public part is `public` (PEM) signed it; False too where either is no such thing."""
    key = _loaded(public)
    return key is not None and _holds(key, said, signature)


@lru_cache(maxsize=8)
def _loaded(public: str) -> Ed25519PublicKey | None:
    try:
        key = load_pem_public_key(public.encode())
    except (UnsupportedAlgorithm, ValueError):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def fingerprint(public: str) -> str:
    """SHA-256 of a public key's PEM, in hexadecimal."""
    return hashlib.sha256(public.encode()).hexdigest()


def _holds(key: Ed25519PublicKey, said: str, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), said.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
