"""The file of an acceptance: its text, and the appliance's signature over exactly that text."""

import json
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.inference.acceptance.acceptance import Acceptance, Withdrawal
from edge.inference.acceptance.errors import AcceptanceUnusable

MOST_BYTES = 1_000_000
ACCEPT_AGAIN = "Accept the release on that machine again with sonoedge model accept"


class Signer(Protocol):
    """The appliance's own key."""

    def sign(self, text: str) -> str: ...

    def holds(self, text: str, signature: str) -> bool: ...


class _Signed(BaseModel):
    """`acceptance` is its JSON as text, which the signature covers byte for byte: unknown fields of a newer program are signed too."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    acceptance: str
    signature: str


def packed(acceptance: Acceptance, signer: Signer) -> bytes:
    """The content of the file."""
    return _sealed(json.loads(acceptance.model_dump_json()), signer)


def unpacked(content: bytes, where: str, signer: Signer) -> Acceptance:
    """The acceptance in a file; `where` names the file in messages.

    Raises:
        AcceptanceUnusable: the file is damaged, another appliance signed it, or it was changed afterwards.
    """
    text = _text(content, where, signer)
    try:
        return Acceptance.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        field = ".".join(map(str, fault["loc"]))
        raise AcceptanceUnusable(f"{where} needs a newer program ({field}: {fault['msg']})", "Update this appliance") from error


def ended(content: bytes, where: str, withdrawal: Withdrawal, signer: Signer) -> bytes:
    """The content of the file after a withdrawal; fields that this program does not know stay in it.

    Raises:
        AcceptanceUnusable: see `unpacked`.
    """
    whole = json.loads(_text(content, where, signer))
    return _sealed({**whole, "withdrawn": json.loads(withdrawal.model_dump_json())}, signer)


def _sealed(acceptance: dict[str, object], signer: Signer) -> bytes:
    text = json.dumps(acceptance, allow_nan=False)
    return _Signed(acceptance=text, signature=signer.sign(_signed_text(text))).model_dump_json(indent=1).encode() + b"\n"


def _text(content: bytes, where: str, signer: Signer) -> str:
    """What was signed."""
    try:
        signed = _Signed.model_validate_json(content)
        whole = signer.holds(_signed_text(signed.acceptance), signed.signature)
    except (ValidationError, UnicodeError) as error:
        raise AcceptanceUnusable(f"{where} is not an acceptance", f"Move it away. {ACCEPT_AGAIN}") from error
    if not whole:
        what = f"{where} is not signed by this appliance: it was changed, or comes from another one"
        raise AcceptanceUnusable(what, f"Do not use it; move it away. {ACCEPT_AGAIN}")
    return signed.acceptance


def _signed_text(text: str) -> str:
    return f"sonoedge-acceptance {text}"
