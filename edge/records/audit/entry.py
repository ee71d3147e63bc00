"""The audit chain: each entry holds the digest of the one before, so that any change, removal or move of an entry is noticed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import rfc8785
from typing_extensions import Self

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Detail: TypeAlias = Mapping[str, Value]

BEGINNING = "0" * 64
"""The first entry holds this as the digest of the one before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to which record, and when; `detail` holds what is needed to understand it, and never a PIN or a token."""

    seq: int
    at: datetime
    actor: str
    act: str
    subject: str
    previous: str
    detail: Detail = field(default_factory=dict)

    @property
    def body(self) -> str:
        """Canonical JSON (RFC 8785): the same entry is the same bytes everywhere."""
        return rfc8785.dumps(self.as_record()).decode()

    def as_record(self) -> dict[str, Value]:
        """The content of the body."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat(timespec="microseconds"),
            "actor": self.actor,
            "act": self.act,
            "subject": self.subject,
            "previous": self.previous,
            "detail": dict(self.detail),
        }

    @classmethod
    def of(cls, body: str) -> Self:
        """The entry in a body.

        Raises:
            ValueError: the body is not an entry.
        """
        content = json.loads(body)
        try:
            actor, act, subject, previous = words = tuple(content[name] for name in ("actor", "act", "subject", "previous"))
            seq, at, detail = content["seq"], datetime.fromisoformat(content["at"]), content["detail"]
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is not an entry: {error}") from error
        if not (type(seq) is int and isinstance(detail, dict) and all(isinstance(word, str) for word in words)):
            raise ValueError("this is not an entry: a field has the wrong type")
        return cls(seq, at, actor, act, subject, previous, detail)


def digest(body: str) -> str:
    """SHA-256 of an entry's body, in hexadecimal; the body contains the digest of the entry before."""
    return digest_of_body(body.encode())


def digest_of_body(body: bytes) -> str:
    """The same for the bytes of a body, whatever they are."""
    return hashlib.sha256(body).hexdigest()
