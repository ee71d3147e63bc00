"""Signed manifests: Ed25519 signatures over the exact bytes of a manifest, by keys that a site trusts under their names."""

import base64
import binascii
import errno
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import Self

from edge.disk.durable import create_file
from edge.disk.keys import KeyUnusable, holds, make_private_key, pem, private_key, public_key, sign
from firmware_bridge.errors import InputRefused

SIGNATURE = "signature.json"
"""The file with the signature of a manifest, next to it or in the same bundle."""
PUBLIC, PRIVATE = ".pub", ".pem"
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"

Keys = Mapping[str, Ed25519PublicKey]
"""Public keys by their names."""


class SignatureWrong(InputRefused):
    """A signature is damaged, or does not fit its manifest."""

    code = "signature-wrong"


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    return text


class Signature(BaseModel):
    """`signature.json`: the name of the key, and its signature in base64."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=NAME)]
    signature: Annotated[str, Field(max_length=200), AfterValidator(_base64)]


def trusted_keys(folder: Path) -> Keys:
    """Every NAME.pub in a folder by its name; empty if there is no folder.

    Raises:
        KeyUnusable: one cannot be read, or is not an Ed25519 public key in PEM.
    """
    return {path.stem: public_key(path) for path in sorted(folder.glob(f"*{PUBLIC}"))}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key with which a site signs; appliances that trust it hold its public half as `name`.pub."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads NAME.pem.

        Raises:
            KeyUnusable: it cannot be read, or is not an Ed25519 private key in PEM without a passphrase.
        """
        key = private_key(path)
        return cls(_checked(path.stem), key)

    def sign(self, manifest: bytes) -> bytes:
        """The content of `signature.json`."""
        return Signature(key=self.name, signature=sign(self.key, manifest)).model_dump_json(indent=1).encode() + b"\n"


def make_keys(name: str, folder: Path) -> tuple[Path, Path]:
    """Writes NAME.pem, which only its owner is allowed to read, and NAME.pub. Returns both paths; both survive a power cut.

    Raises:
        KeyUnusable: one of them exists, the name is not valid, or the folder cannot be written.
    """
    private, public = folder / (_checked(name) + PRIVATE), folder / (name + PUBLIC)
    try:
        if public.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(public))
        key = make_private_key(private)
        create_file(public, pem(key.public_key()).encode())
    except OSError as error:
        raise KeyUnusable(f"{error.filename or private} cannot be made ({error.strerror})", "Choose another name or folder") from error
    return private, public


def _checked(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise KeyUnusable(f"{name!r} is not a valid name for a key", "Use letters, digits, dots and hyphens, such as ward-3.pem")
    return name


def signed_by(manifest: bytes, signature: bytes, keys: Keys, where: Path) -> str | None:
    """The name of the trusted key that signed a manifest; None if the key is not trusted.

    `signature` is the content of `signature.json`; `where` names the place in messages.

    Raises:
        SignatureWrong: the signature is damaged, or is not the signature of this manifest by the key that it names.
    """
    try:
        stated = Signature.model_validate_json(signature)
    except ValidationError as error:
        raise SignatureWrong(f"{SIGNATURE} of {where} is damaged", "Copy the whole release again") from error
    if stated.key not in keys:
        return None
    if not holds(keys[stated.key], manifest, stated.signature):
        raise SignatureWrong(
            f"'{stated.key}' did not sign {where}: the signature does not fit the manifest",
            "Do not use it; get the release again from a source that you trust",
        )
    return stated.key
