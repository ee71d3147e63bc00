"""Signed facts: canonical JSON (RFC 8785) with the public key of its signer and an Ed25519 signature over the facts.

Each form has its own `kind`, so that a signature of one never passes for another. Whose key it is, the caller has to know.
"""

import base64
from typing import Protocol, TypeVar

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from edge.disk.keys import from_pem, holds, pem, sign


class Form(BaseModel):
    """The base of what is signed or encrypted here; a form gives `kind` one literal value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str


class Signer(Protocol):
    """A board or a receiver that signs; `public` is its Ed25519 key in PEM."""

    @property
    def public(self) -> str: ...

    def sign(self, text: str) -> str:
        """Base64 of the signature."""
        ...


class KeySigner:
    """Signs with a private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> str:
        return pem(self._key.public_key())

    def sign(self, text: str) -> str:
        return sign(self._key, text.encode())


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    stated: dict[str, JsonValue]
    key: str
    signature: str


Stated = TypeVar("Stated", bound=Form)
_JSON = TypeAdapter(JsonValue)


def signed(form: Form, signer: Signer) -> bytes:
    """The facts with the key and the signature."""
    stated = form.model_dump(mode="json")
    return _written(stated, signer.public, base64.b64decode(signer.sign(rfc8785.dumps(stated).decode())))


def _written(stated: dict[str, JsonValue], key: str, signature: bytes) -> bytes:
    """The only form in which these facts are written: another one is taken as damage."""
    return rfc8785.dumps({"stated": stated, "key": key, "signature": base64.b64encode(signature).decode()}) + b"\n"


def verified(content: bytes, form: type[Stated]) -> tuple[Stated, Ed25519PublicKey]:
    """The facts, and the key that signed them.

    Raises:
        ValueError: it is not this form, or is damaged, or was changed after it was signed.
    """
    try:
        envelope = _Envelope.model_validate(_JSON.validate_json(content))
        facts = rfc8785.dumps(envelope.stated)
        key = from_pem(envelope.key)
        if key is None or content != _written(envelope.stated, pem(key), base64.b64decode(envelope.signature)):
            raise ValueError("it is not as it was written: it was changed, or is damaged")
    except (RecursionError, rfc8785.CanonicalizationError) as error:
        raise ValueError("it is not canonical JSON") from error
    if not holds(key, facts, envelope.signature):
        raise ValueError("its signature does not fit: it was changed, or is damaged")
    return form.model_validate_json(facts), key
