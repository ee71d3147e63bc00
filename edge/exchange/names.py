"""The parts of a name as a hospital scheduled it in DICOM (PN, PS3.5 6.2.1), for standards that name each part."""

from dataclasses import dataclass

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
