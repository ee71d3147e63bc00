"""Statements of a device: facts in canonical JSON (RFC 8785), signed with its key.

The public key is in the statement and the id follows from the key, so a person who can read the label can verify a statement without any
other file. Each form of statement has its own `kind`: a signature of one never passes for another.
"""

import base64
from typing import TypeVar

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from edge.disk.keys import holds, sign
from provisioning.codes import ProvisionRefused
from provisioning.identity.device import Device
from provisioning.identity.device_id import device_id


class Statement(BaseModel):
    """The base of each form; a form gives `kind` one literal value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    device: str


class _Signed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    statement: dict[str, JsonValue]
    key: str
    signature: str


Form = TypeVar("Form", bound=Statement)
_JSON = TypeAdapter(JsonValue)


def signed(device: Device, statement: Statement) -> bytes:
    """The statement with the public key and the signature, both in base64, as canonical JSON."""
    facts = statement.model_dump(mode="json")
    key = base64.b64encode(device.key.public_key().public_bytes_raw()).decode()
    return rfc8785.dumps({"statement": facts, "key": key, "signature": sign(device.key, rfc8785.dumps(facts))})


def verified(content: bytes, form: type[Form], device: str | None = None) -> Form:
    """The statement in `content`, if the device that it names signed it; with `device`, only if it is this one.

    Raises:
        ProvisionRefused: E-STATEMENT, it is damaged, changed, of another form, or of another device.
    """
    try:
        envelope = _Signed.model_validate(_JSON.validate_json(content))
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(envelope.key, validate=True))
        intact = holds(key, rfc8785.dumps(envelope.statement), envelope.signature)
        statement = form.model_validate_json(rfc8785.dumps(envelope.statement))
    except (ValidationError, ValueError, rfc8785.CanonicalizationError) as error:
        raise ProvisionRefused("E-STATEMENT", "This is not a statement of a device, or it is damaged") from error
    if not intact or device_id(key) != statement.device:
        raise ProvisionRefused("E-STATEMENT", f"{statement.device} did not sign this: it was changed, or another device made it")
    if device not in (None, statement.device):
        raise ProvisionRefused("E-STATEMENT", f"The device {statement.device} made this, not {device}")
    return statement
