"""The patient and the visit as segments of HL7 v2 state them (PID and PV1 of v2.5.1, chapter 3), as fields of an encounter.

What a message leaves empty is not stated; two quotes state that a value is removed. Several values where there can be one are joined by
a backslash, as DICOM does, and so they are quarantined: none of them is guessed to be the right one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge.exchange.encounters.encounter import Kind
from edge.exchange.hl7.reading import Field, Segment, Text
from edge.exchange.names import FORMS, IN_NAME, NameParts, pn_of

KINDS: Mapping[str, Kind] = MappingProxyType({"I": "inpatient", "O": "outpatient", "E": "emergency", "P": "planned"})
"""Of a patient class (PV1-2), HL7 table 0004; others are not known."""
SEXES: Mapping[str, str] = MappingProxyType({each: each for each in "FMO"})
"""Of HL7 table 0001 those that DICOM has too; of the others nothing is known."""
MEDICAL_RECORD: Final = "MR"
"""The type of an identifier by which a hospital files its patients (HL7 table 0203)."""
NAME_TYPES: Final = ("L", "", "D")
"""Legal, of no stated type, and for display (HL7 table 0200), the best one first. Others, such as an alias, are not used."""
DAY: Final = re.compile(r"\d{4,8}")
SINCE: Final = re.compile(r"\d{8}(?:\d\d){0,3}")
BETWEEN_PLACES: Final = " / "


@dataclass(frozen=True, slots=True)
class Stated:
    """`values` are fields of an encounter by their names, and `doubts` the problem of each of them that has one."""

    values: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: "Stated") -> "Stated":
        return Stated({**self.values, **other.values}, {**self.doubts, **other.doubts})


def person_of(pid: Segment) -> Stated:
    """Who the patient is."""
    return pick(pid[3]) | _name(pid[5]) | _one("birth_date", pid[7], DAY) | _word("sex", pid[8], SEXES)


def visit_of(pv1: Segment, pid: Segment) -> Stated:
    """The admission: its id is the visit number, or the account of the patient where a hospital has no visit numbers."""
    number = pv1[19] if pv1[19].text else pid[18]
    return _one("admission_id", number) | _place(pv1[3]) | _one("since", pv1[44], SINCE) | _word("kind", pv1[2], KINDS)


def pick(identifiers: Field) -> Stated:
    """The patient ID and its issuer (CX): the one of the type MR, or the only one."""
    if not identifiers.raw:
        return Stated()
    every = [each for each in identifiers.repetitions if each.text]
    chosen = [each for each in every if each.component(5).text == MEDICAL_RECORD] or every
    found = list(dict.fromkeys((each.text, _issuer(each)) for each in chosen))
    texts = [text for pair in found for text in pair]
    issuer = found[0][1].text if found else ""
    return _stated({"patient_id": "\\".join(text.text for text, _ in found), "issuer": issuer}, "patient_id", texts)


def _issuer(identifier: Field) -> Text:
    """The assigning authority (HD) by its name, or by its universal id."""
    return identifier.component(4) or identifier.component(4, 2)


def _name(names: Field) -> Stated:
    """The name (XPN) in each of its forms."""
    if not names.raw:
        return Stated()
    by_type: dict[str, list[Field]] = {}
    for each in names.repetitions:
        by_type.setdefault(each.component(7).text, []).append(each)
    best = next((by_type[kind] for kind in NAME_TYPES if kind in by_type), [])
    texts = [each.component(number) for each in best for number in range(1, 7)]
    certain = all(text.certain for text in texts)
    forms = list(dict.fromkeys(_parts(each, certain) for each in best))
    several = len({each.form for each in forms}) < len(forms)
    name = "\\".join(pn_of([each]) for each in forms) if several else pn_of(forms)
    return _stated({"name": name}, "name", texts)


def _parts(name: Field, certain: bool) -> NameParts:
    family, given, middle, suffix, prefix, degree = (name.component(number).text for number in range(1, 7))
    form = name.component(8).text
    parts = (family, given, middle, prefix, " ".join(filter(None, (suffix, degree))))
    return NameParts(form if form and form in FORMS else FORMS[0], *(part.translate(IN_NAME) if certain else part for part in parts))


def _one(name: str, found: Field, form: re.Pattern[str] | None = None) -> Stated:
    """A text; of one in this form, its beginning is enough."""
    if not found.raw:
        return Stated()
    texts = list(dict.fromkeys(each.text for each in found.repetitions))
    matches = ((each.text, form.match(each.text) if form else None) for each in texts)
    return _stated({name: "\\".join(match[0] if match else text for text, match in matches)}, name, texts)


def _word(name: str, found: Field, known: Mapping[str, str]) -> Stated:
    return Stated({name: known.get(found.text.text, "")}) if found.raw else Stated()


def _place(location: Field) -> Stated:
    """Where the patient lies (PL): point of care, room and bed."""
    if not location.raw:
        return Stated()
    texts = [location.component(number) for number in (1, 2, 3)]
    return _stated({"place": BETWEEN_PLACES.join(each.text for each in texts if each)}, "place", texts)


def _stated(values: Mapping[str, str], name: str, texts: Iterable[Text]) -> Stated:
    return Stated(values, {} if all(text.certain for text in texts) else {name: "characters"})
