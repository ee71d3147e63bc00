"""The values that stay, by their VR (PS3.5 6.2). A value that is not what its VR promises may be text of anyone, so it is removed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from edge.exchange.deidentified.attributes import attributes
from edge.exchange.deidentified.coded import Known
from edge.exchange.deidentified.pseudonyms import Pseudonyms, capped_age

NUMBER = re.compile(r" *[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)? *")
TIME = re.compile(r"([0-9]{2}){1,3}(\.[0-9]{1,6})?")
UID = re.compile(r"[0-9]+(\.[0-9]+)+")
BINARY = frozenset({"US", "UL", "SS", "SL", "FL", "FD", "AT"})
"""These VRs hold numbers only."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stay: the `codes`, and the `words`, which are whole values of free text that are known to be of no person."""

    pseudonyms: Pseudonyms
    words: frozenset[str]
    codes: Known


Check = Callable[[str, Allowed], str | None]


def _term(text: str, _: Allowed) -> str | None:
    return text if text.strip() in attributes().terms else None


def _number(text: str, _: Allowed) -> str | None:
    return text.strip() if NUMBER.fullmatch(text) else None


def _time(text: str, _: Allowed) -> str | None:
    return text.strip() if TIME.fullmatch(text.strip()) else None


def _date(text: str, allowed: Allowed) -> str | None:
    return allowed.pseudonyms.moved(text.strip())


def _age(text: str, _: Allowed) -> str | None:
    return capped_age(text.strip())


def _uid(text: str, allowed: Allowed) -> str | None:
    return allowed.pseudonyms.uid(text) if UID.fullmatch(text) else None


def _word(text: str, allowed: Allowed) -> str | None:
    return text if text in allowed.words else None


CHECKS: Mapping[str, Check] = MappingProxyType(
    {"CS": _term, "DS": _number, "IS": _number, "TM": _time, "DA": _date, "DT": _date, "AS": _age, "UI": _uid}
    | dict.fromkeys(("LO", "SH", "UT", "LT", "ST", "UC"), _word)
)
"""What stays of one value, None where nothing does. A VR that is neither here nor in `BINARY` does not stay."""


def checked(vr: str, values: list[str], allowed: Allowed) -> list[str] | None:
    """What stays of the values of one attribute; None where one of them may not stay.

    An empty value of a code string has a meaning in some attributes, such as PatientOrientation, and stays.
    """
    check = CHECKS.get(vr)
    if check is None:
        return None
    kept = ["" if not value else check(value, allowed) for value in values]
    return None if None in kept else [value for value in kept if value is not None]
