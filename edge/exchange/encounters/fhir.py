"""Encounters of a FHIR R4 server with their patients, read from the pages of a search, without input or output.

One resource that is not as FHIR writes it is quarantined alone. Nothing is read from another server, and no reference is followed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from edge.exchange.encounters.encounter import Encounter, Kind
from edge.exchange.names import FORMS, IN_NAME, NameParts, pn_of

STATUSES: Final = ("arrived", "triaged", "in-progress", "onleave")
"""Of an Encounter, while the patient is there (FHIR R4)."""
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("IMP", "ACUTE", "NONAC", "OBSENC"), "inpatient"),
        **dict.fromkeys(("AMB", "SS"), "outpatient"),
        "EMER": "emergency",
        "PRENC": "planned",
    }
)
"""By Encounter.class (v3-ActCode); others are not known."""
SEXES: Mapping[str, str] = MappingProxyType({"female": "F", "male": "M", "other": "O"})
VISIT_NUMBER, MEDICAL_RECORD = "VN", "MR"
"""Types of identifiers (HL7 table 0203)."""
NAME_USES: Final = ("official", "usual", "")
"""The best one first; an old name, a nickname or that of a marriage is not used."""
REPRESENTATION: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
FORM_OF: Mapping[str, str] = MappingProxyType(dict(zip(("ABC", "IDE", "SYL"), FORMS, strict=True)))
SINCE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?")
BETWEEN_PLACES: Final = " / "


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Coding(_Data):
    code: str = ""


class _Concept(_Data):
    coding: tuple[_Coding, ...] = ()


class _Named(_Data):
    display: str = ""
    reference: str = ""


class _Identifier(_Data):
    use: str = ""
    type: _Concept = _Concept()
    system: str = ""
    value: str = ""
    assigner: _Named = _Named()

    def has(self, code: str) -> bool:
        return any(each.code == code for each in self.type.coding)


class _Extension(_Data):
    url: str = ""
    valueCode: str = ""  # noqa: N815 - the name in FHIR


class _Name(_Data):
    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    suffix: tuple[str, ...] = ()
    extension: tuple[_Extension, ...] = ()


class _Patient(_Data):
    identifier: tuple[_Identifier, ...] = ()
    name: tuple[_Name, ...] = ()
    gender: str = ""
    birthDate: str = ""  # noqa: N815 - the name in FHIR


class _Location(_Data):
    location: _Named = _Named()
    status: str = ""


class _Period(_Data):
    start: str = ""


class _Encounter(_Data):
    status: str = ""
    identifier: tuple[_Identifier, ...] = ()
    subject: _Named = _Named()
    location: tuple[_Location, ...] = ()
    period: _Period = _Period()
    class_: _Coding = _Coding()

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


Resource = Mapping[str, JsonValue]


def encounters_of(resources: Sequence[tuple[str, Resource]]) -> tuple[Encounter, ...]:
    """The open encounters among resources with their full URLs, in their order and not yet judged; one that came twice counts once."""
    patients = {name: each for url, each in resources if each.get("resourceType") == "Patient" for name in _names(url, each)}
    found: dict[str, Resource] = {}
    for number, (url, each) in enumerate(resources):
        if each.get("resourceType") == "Encounter":
            found[(*_names(url, each), f"number {number}")[0]] = each
    read = (_encounter(each, patients) for each in found.values())
    return tuple(each for each in read if each is not None)


def _names(url: str, resource: Resource) -> tuple[str, ...]:
    """By which a reference can name a resource: its URL, and its type and id."""
    ident = resource.get("id")
    return tuple(filter(None, (url, f"{resource.get('resourceType')}/{ident}" if ident else "")))


def _encounter(resource: Resource, patients: Mapping[str, Resource]) -> Encounter | None:
    """None for one that is not open, which a server may give although it was not asked for it."""
    try:
        encounter = _Encounter.model_validate(resource)
    except ValidationError:
        return Encounter(place=f"Encounter/{resource.get('id') or ''}", problems=("unreadable",))
    if encounter.status not in STATUSES:
        return None
    places = (each.location.display for each in encounter.location if each.status in ("", "active"))
    since = SINCE.match(encounter.period.start)
    known = Encounter(
        admission_id=_picked(encounter.identifier, VISIT_NUMBER)[0],
        place=BETWEEN_PLACES.join(filter(None, places)),
        since="".join(filter(None, since.groups())) if since else "",
        kind=KINDS.get(encounter.class_.code, ""),
    )
    return _with_patient(known, patients.get(encounter.subject.reference.partition("/_history/")[0]))


def _with_patient(known: Encounter, resource: Resource | None) -> Encounter:
    if resource is None:
        return replace(known, problems=("no-patient",))
    try:
        patient = _Patient.model_validate(resource)
    except ValidationError:
        return replace(known, problems=("unreadable",))
    identifier, issuer = _picked(patient.identifier, MEDICAL_RECORD)
    found = replace(
        known,
        patient_id=identifier,
        issuer=issuer,
        name=_name(patient.name),
        birth_date=patient.birthDate.replace("-", ""),
        sex=SEXES.get(patient.gender, ""),
    )
    texts = (found.admission_id, found.place, identifier, issuer, found.name, found.birth_date)
    control = any(unicodedata.category(each) == "Cc" for text in texts for each in text)
    return replace(found, problems=("characters",)) if control else found


def _picked(identifiers: Iterable[_Identifier], code: str) -> tuple[str, str]:
    """The identifier of this type, or the official one, or the only one, with its issuer; several are joined by a backslash."""
    every = [each for each in identifiers if each.value and each.use != "old"]
    of_type = [each for each in every if each.has(code)]
    chosen = of_type or [each for each in every if each.use == "official"] or every
    found = list(dict.fromkeys((each.value, each.assigner.display or each.system) for each in chosen))
    return "\\".join(value for value, _ in found), found[0][1] if found else ""


def _name(names: Sequence[_Name]) -> str:
    best = next((found for use in NAME_USES if (found := [each for each in names if each.use == use])), [])
    forms = list(dict.fromkeys(map(_parts, best)))
    several = len({each.form for each in forms}) < len(forms)
    return "\\".join(pn_of([each]) for each in forms) if several else pn_of(forms)


def _parts(name: _Name) -> NameParts:
    """The parts of a name; of one in a single text, nobody knows which part of it is the family's."""
    codes = [each.valueCode for each in name.extension if each.url == REPRESENTATION]
    given, middle = (name.given[0], " ".join(name.given[1:])) if name.given else ("", "")
    family = name.family if name.family or given else name.text
    parts = (family, given, middle, " ".join(name.prefix), " ".join(name.suffix))
    return NameParts(FORM_OF.get(codes[0] if codes else "", FORMS[0]), *(part.translate(IN_NAME) for part in parts))
