"""The parts of a name as a hospital states it in DICOM (PN, PS3.5 6.2.1), for standards that name each part."""

from collections.abc import Iterable
from dataclasses import dataclass

IN_NAME = str.maketrans({"\\": "＼", "^": "＾", "=": "＝"})
"""Delimiters in a part of a name get their full-width form, which reads the same and separates nothing (PS3.5 6.2)."""
FORMS = "AIP"
"""Alphabetic, ideographic and phonetic: the component groups of a PN in their order, as HL7 table 4000 calls them."""


@dataclass(frozen=True, slots=True)
class NameParts:
    """One form of a name; what it has no part for is empty."""

    form: str
    family: str
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""


def parts_of(dicom_name: str) -> tuple[NameParts, ...]:
    """The forms of a name that are not empty, at most three."""
    groups = zip(FORMS, dicom_name.split("="), strict=False)
    return tuple(NameParts(form, *(*map(str.strip, group.split("^")), *[""] * 4)[:5]) for form, group in groups if group.strip("^ "))


def pn_of(forms: Iterable[NameParts]) -> str:
    """The PN of a name in its forms, of each the first. Its parts hold no delimiters; `IN_NAME` makes them so."""
    groups: dict[str, str] = {}
    for each in forms:
        groups.setdefault(each.form, "^".join((each.family, each.given, each.middle, each.prefix, each.suffix)).rstrip("^"))
    return "=".join(groups.get(form, "") for form in FORMS).rstrip("=")
