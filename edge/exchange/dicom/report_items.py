"""Content items of a structured report, in the terms of highdicom."""

from collections.abc import Iterable
from datetime import datetime

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    QualitativeEvaluation,
    RelationshipTypeValues,
    TextContentItem,
)

from edge.exchange import codes
from edge.exchange.codes import Code
from edge.exchange.dicom.header import clock_of
from edge.exchange.dicom.names import family_only, long_string
from edge.exchange.handed import Algorithm, HandedExam
from edge.exchange.stated import StatedZone
from edge.exchange.uids import derived_uid


def concept(code: Code) -> CodedConcept:
    return CodedConcept(code.value, code.scheme, code.meaning)


def text(code: Code, content: str) -> TextContentItem:
    return TextContentItem(concept(code), content, RelationshipTypeValues.CONTAINS)


def site(zone: StatedZone) -> FindingSite:
    """The lung, on the side of a zone, and in front, at the side or behind where that is known."""
    place = zone.topography
    return FindingSite(concept(codes.LUNG), concept(codes.SIDES[zone.report.side]), concept(place) if place else None)


def algorithm(model: Algorithm, finding: str) -> AlgorithmIdentification:
    """A model release with its checksum, and those of its parameters that belong to a finding."""
    of_finding = (f"{name} {value}" for name, value in model.parameters.items() if name.startswith(f"{finding} "))
    parameters = (*((f"sha256 {model.sha256}",) if model.sha256 else ()), *of_finding)
    return AlgorithmIdentification(model.name, model.version or "not recorded", parameters or None)


def person(name: str, role: Code | None = None, site_name: str = "") -> ObserverContext:
    """A person who observes (TID 1003)."""
    about = PersonObserverIdentifyingAttributes(
        family_only(name), organization_name=site_name or None, role_in_procedure=concept(role) if role else None
    )
    return ObserverContext(concept(codes.PERSON), about)


def appliance(exam: HandedExam) -> ObserverContext:
    """The appliance as an observer (TID 1004)."""
    station = exam.station
    about = DeviceObserverIdentifyingAttributes(
        derived_uid("station", station.serial or station.name),
        name=station.name,
        manufacturer_name=station.manufacturer,
        model_name=station.model,
        serial_number=station.serial or None,
        physical_location=long_string(exam.exam.site) or None,
    )
    return ObserverContext(concept(codes.DEVICE), about)


def date_time(at: datetime | None, exam: HandedExam) -> str:
    """The value of a DT, in the zone that the object states (0008,0201); empty where there is no moment."""
    return f"{at.astimezone(clock_of(exam)):%Y%m%d%H%M%S.%f}" if at else ""


def evaluation(name: Code, value: Code, at: str = "", by: str = "") -> QualitativeEvaluation:
    """A coded answer, `at` a moment as `date_time` gives it, `by` a person if any."""
    made = QualitativeEvaluation(concept(name), concept(value))
    item = made[0]
    if at:
        item.ObservationDateTime = at
    if by:
        item.ContentSequence = person(by)
    return made


def add(group: ContentSequence, items: Iterable[ContentItem]) -> None:
    """Adds items to the container that is the only item of a template."""
    for item in items:
        group[0].ContentSequence.append(item)
