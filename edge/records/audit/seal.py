"""The appliance's own key: it signs the newest entry of the audit chain, so that no other person can write a valid chain."""

import hashlib
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typing_extensions import Self

from edge.disk import keys
from edge.disk.durable import make_folder
from edge.disk.layout import DataFolder
from edge.records.errors import RecordsUnusable

FIX = "Put it back from a backup, or give this user the right to read and write it"


class Seal:
    """Signs and checks; the private key never leaves its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key()

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The key of a data folder; a new one where there is none.

        Raises:
            RecordsUnusable: it cannot be read or made, or is not such a key.
        """
        path = DataFolder(folder).audit_key
        try:
            if not path.exists():
                make_folder(folder)
                with suppress(FileExistsError):  # another process was first
                    keys.make_private_key(path)
            return cls(keys.private_key(path))
        except keys.KeyUnusable as error:
            raise RecordsUnusable(error.what, FIX) from error
        except OSError as error:
            raise RecordsUnusable(f"{path} cannot be made ({error.strerror})", FIX) from error

    @property
    def public(self) -> str:
        """The public key in PEM, by which others check what was exported."""
        return keys.pem(self._public)

    def sign(self, text: str) -> str:
        """Base64 of the Ed25519 signature."""
        return keys.sign(self._key, text.encode())

    def holds(self, text: str, signature: str) -> bool:
        """Whether this key signed the text."""
        return keys.holds(self._public, text.encode(), signature)

    @property
    def fingerprint(self) -> str:
        """Of the public key, for a person to read aloud or write down."""
        return fingerprint(self.public)


def holds(public: str, text: str, signature: str) -> bool:
    """Whether the key whose public part is `public` (PEM) signed the text; also False where the key or the signature is malformed."""
    key = keys.from_pem(public)
    return key is not None and keys.holds(key, text.encode(), signature)


def fingerprint(public: str) -> str:
    """SHA-256 of a public key's PEM, in hexadecimal."""
    return hashlib.sha256(public.encode()).hexdigest()
