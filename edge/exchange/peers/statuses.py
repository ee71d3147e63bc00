"""What follows from the status of a C-STORE (PS3.4 B.2.3, PS3.7 annex C) and from a failure reason of a storage commitment."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from edge.exchange.peers.outcome import Answer, Outcome


class Status(NamedTuple):
    """The statuses from `first` to `last`."""

    first: int
    last: int
    outcome: Outcome
    meaning: str


STORE = (
    Status(0x0000, 0x0000, Outcome.ACCEPTED, "stored"),
    Status(0xB000, 0xB000, Outcome.WARNED, "stored, with some values changed"),
    Status(0xB006, 0xB006, Outcome.WARNED, "stored, without some elements"),
    Status(0xB007, 0xB007, Outcome.WARNED, "stored, although the object does not match its SOP class"),
    Status(0xB000, 0xBFFF, Outcome.WARNED, "stored, with a warning that DICOM does not define"),
    Status(0x0107, 0x0107, Outcome.WARNED, "stored, with an attribute list error"),
    Status(0x0116, 0x0116, Outcome.WARNED, "stored, with a value out of range"),
    Status(0x0111, 0x0111, Outcome.WARNED, "not stored again: it has an object with this UID"),
    Status(0xA700, 0xA7FF, Outcome.RETRY, "out of resources"),
    Status(0x0110, 0x0110, Outcome.RETRY, "processing failed"),
    Status(0x0210, 0x0210, Outcome.RETRY, "duplicate invocation"),
    Status(0x0213, 0x0213, Outcome.RETRY, "out of resources"),
    Status(0xFE00, 0xFE00, Outcome.RETRY, "cancelled"),
    Status(0xA900, 0xA9FF, Outcome.REFUSED, "the object does not match its SOP class"),
    Status(0xC000, 0xCFFF, Outcome.REFUSED, "it cannot understand the object"),
    Status(0x0117, 0x0117, Outcome.REFUSED, "not a valid object"),
    Status(0x0122, 0x0122, Outcome.REFUSED, "SOP class not supported"),
    Status(0x0124, 0x0124, Outcome.REFUSED, "not authorised"),
    Status(0x0000, 0xFFFF, Outcome.REFUSED, "a failure"),
)
"""The first row that has a status counts."""
COMMITMENT: Mapping[int, tuple[Outcome, str]] = MappingProxyType(
    {
        0x0110: (Outcome.RETRY, "processing failed"),
        0x0112: (Outcome.REFUSED, "it does not have this object"),
        0x0119: (Outcome.REFUSED, "it has this object with another SOP class"),
        0x0122: (Outcome.REFUSED, "it takes no responsibility for this SOP class"),
        0x0131: (Outcome.RETRY, "the transaction has the UID of another one"),
        0x0213: (Outcome.RETRY, "out of resources"),
    }
)
"""By failure reason, PS3.3 C.14.1.1."""


def stored(name: str, status: int, comment: str) -> Answer:
    """The answer of the peer `name` to a C-STORE, with its own comment."""
    row = next(each for each in STORE if each.first <= status <= each.last)
    return Answer(row.outcome, _sentence(name, f"{status:04X}", row.meaning, comment), f"{status:04X}")


def uncommitted(name: str, reason: int) -> Answer:
    """The answer for an object that the peer `name` did not commit."""
    outcome, meaning = COMMITMENT.get(reason, (Outcome.REFUSED, "a failure"))
    return Answer(outcome, _sentence(name, f"{reason:04X}", meaning, ""), f"{reason:04X}")


def _sentence(name: str, status: str, meaning: str, comment: str) -> str:
    return f"{name} answers {status}: {meaning}" + (f" ({comment})" if comment else "")
