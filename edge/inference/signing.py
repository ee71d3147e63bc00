"""Who answers for a release: Ed25519 signatures over the exact bytes of its `release.json`, which names the digest of every other file."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

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
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import Self

from edge.inference.errors import COPY_AGAIN, ModelUnusable

SIGNATURE = "signature.json"
PUBLIC, PRIVATE = ".pub", ".pem"
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"

Keys = Mapping[str, Ed25519PublicKey]


class Signature(BaseModel):
    """`signature.json`: the name of the key, and base64 of the signature that it gave."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=NAME)]
    signature: Annotated[str, Field(max_length=200)]


def trusted_keys(folder: Path) -> Keys:
    """Every NAME.pub of a folder by its name; none where there is no folder.

    Raises:
        ModelUnusable: one cannot be read, or is no Ed25519 public key in PEM.
    """
    return {path.stem: _public(path) for path in sorted(folder.glob(f"*{PUBLIC}"))}


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ModelUnusable(f"{path} cannot be read as a public key ({error})", "Take it away, or copy it again") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ModelUnusable(f"{path} is no Ed25519 public key", "Take it away; make one with sonoedge model keygen")
    return key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What a hospital signs with; on the appliances that shall trust it, its public half is `name`.pub."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads NAME.pem.

        Raises:
            ModelUnusable: it cannot be read, or is no Ed25519 private key in PEM without a passphrase.
        """
        fix = "Make one with sonoedge model keygen"
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ModelUnusable(f"{path} cannot be read as a private key ({error})", fix) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ModelUnusable(f"{path} is no Ed25519 private key", fix)
        return cls(_checked(path.stem), key)

    def sign(self, manifest: bytes) -> bytes:
        """The content of `signature.json`."""
        said = Signature(key=self.name, signature=base64.b64encode(self.key.sign(manifest)).decode())
        return said.model_dump_json(indent=1).encode() + b"\n"


def make_keys(name: str, folder: Path) -> tuple[Path, Path]:
    """Writes NAME.pem, which only its owner may read, and NAME.pub, and returns both paths.

    Raises:
        ModelUnusable: one of them is there already, the name cannot be used, or the folder may not be written.
    """
    private, public = folder / (_checked(name) + PRIVATE), folder / (name + PUBLIC)
    key = Ed25519PrivateKey.generate()
    try:
        private.touch(mode=0o600, exist_ok=False)
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with public.open("xb") as file:
            file.write(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except OSError as error:
        raise ModelUnusable(f"{error.filename} cannot be made ({error.strerror})", "Choose another name or folder") from error
    return private, public


def _checked(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise ModelUnusable(f"{name!r} is no name for a key", "Use letters, digits, dots and hyphens, such as ward-3.pem")
    return name


def signed_by(manifest: bytes, signature: bytes, keys: Keys, where: Path) -> str | None:
    """The name of the trusted key that signed a manifest; None where the key is not among those trusted.

    Raises:
        ModelUnusable: the signature is damaged, or is not that of this manifest by the key that it names.
    """
    try:
        said = Signature.model_validate_json(signature)
        content = base64.b64decode(said.signature, validate=True)
    except (ValidationError, binascii.Error) as error:
        raise ModelUnusable(f"{SIGNATURE} of {where} is damaged", COPY_AGAIN) from error
    if said.key not in keys:
        return None
    try:
        keys[said.key].verify(content, manifest)
    except InvalidSignature as error:
        raise ModelUnusable(
            f"{where} is not what '{said.key}' signed: its signature does not fit its manifest",
            "Do not use it; get the release again from whom you trust",
        ) from error
    return said.key
