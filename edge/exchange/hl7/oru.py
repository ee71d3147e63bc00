"""An exam as HL7 v2.5.1 ORU^R01 in UTF-8: one order with the observations of each zone, those of the model apart from what holds.

Every observation of a zone has the zone as its sub-id (OBX-4), and every one of a finding the zone and a number, such as `L1.2`. Abnormal
flags (OBX-8) stay empty: no range of reference exists. PV1-19 has the admission and OBR-18 the accession number, where there is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from edge.exam.report.report import Status
from edge.exchange import codes
from edge.exchange.codes import Code
from edge.exchange.handed import HandedExam
from edge.exchange.hl7.er7 import ENCODING, REPETITION, SUBCOMPONENT, at, coded, components, escaped, lines, message, segment
from edge.exchange.names import parts_of
from edge.exchange.stated import StatedFinding, StatedZone, accession_of, admission_of, is_simulated, issue_of, remarks_of, stated_of
from edge.exchange.uids import derived_uid
from edge.notice import NOTICE
from edge.records.exams.patients import StoredPatient

STATUS: Mapping[Status, str] = {"preliminary": "P", "final": "F", "amended": "C"}
"""Of a report, in HL7 tables 0123 and 0085."""
BY_MODEL = "P"
"""The status of what the model states: it stays preliminary, because a person is responsible for the result."""
SEX: Mapping[str, str] = {"female": "F", "male": "M", "other": "O", "unknown": "U"}
CONTROL_ID_LENGTH = 20
"""Characters of MSH-10 in HL7 v2.5.1."""
NOT_IDENTIFIED = "not identified"


@dataclass(frozen=True, slots=True)
class _Observation:
    """One OBX: `value` and `unit` are already escaped; `by` a person, `method` the name of a model."""

    code: Code
    kind: Literal["CWE", "NM", "TX"]
    value: str
    sub: str = ""
    unit: str = ""
    status: str = ""
    when: datetime | None = None
    by: str = ""
    method: str = ""
    note: str = ""


def oru_of(exam: HandedExam) -> bytes:
    """The message; the same report gives the same control id, so that a receiver can tell a repetition."""
    report = exam.report
    status = STATUS[report.status]
    segments = [_msh(exam), _pid(exam), _pv1(exam), _obr(exam, status), *map(_nte, remarks_of(exam))]
    for number, each in enumerate(_observations(exam), start=1):
        segments.append(_obx(number, each, each.status or status, exam.station.serial))
        if each.note:
            segments.append(_nte(each.note))
    return message(segments)


def _msh(exam: HandedExam) -> str:
    report = exam.report
    control_id = derived_uid(exam.exam.id, "oru", issue_of(report)).removeprefix("2.25.")[:CONTROL_ID_LENGTH]
    sender, facility = escaped(exam.station.model), escaped(exam.exam.site or exam.station.name)
    processing = "T" if is_simulated(exam) else "P"
    return segment(
        "MSH", ENCODING, sender, facility, "", "", at(report.made_at), "", "ORU^R01^ORU_R01", control_id, processing, "2.5.1",
        "", "", "", "", "", "UNICODE UTF-8",
    )  # fmt: skip


def _pid(exam: HandedExam) -> str:
    patient = exam.exam.patient
    if patient is None:
        name = components(NOT_IDENTIFIED, "", "", "", "", "", "U")
        return segment("PID", "1", "", components(exam.exam.id, "", "", exam.station.name), "", name)
    born = (patient.birth_date or "").replace("-", "")
    return segment("PID", "1", "", _identifier(patient), "", _name(patient), "", born, SEX.get(patient.sex or "", ""))


def _name(patient: StoredPatient) -> str:
    """The name as it was scheduled, with its parts in each form (XPN); in the place of the family name where a person entered it."""
    scheduled = parts_of(patient.dicom_name)
    forms = (components(each.family, each.given, each.middle, each.suffix, each.prefix, "", "", each.form) for each in scheduled)
    return REPETITION.join(forms) or components(patient.name or NOT_IDENTIFIED)


def _identifier(patient: StoredPatient) -> str:
    return components(patient.identifier, "", "", patient.issuer)


def _pv1(exam: HandedExam) -> str:
    """The visit, of a class that nobody stated."""
    return segment("PV1", "1", "U", *[""] * 16, escaped(admission_of(exam)))


def _obr(exam: HandedExam, status: str) -> str:
    """The order; accession number, requested procedure and step are where the scheduled workflow of IHE has them."""
    facts, report = exam.exam, exam.report
    fields = {
        1: "1",
        3: components(facts.id, exam.station.name),
        4: coded(codes.US_CHEST),
        7: at(facts.begun_at),
        8: at(facts.ended_at),
        13: escaped(facts.context.complaint),
        16: _ordered_by(facts.order.referrer),
        18: escaped(accession_of(exam)),
        19: escaped(facts.order.requested_id),
        20: escaped(facts.order.step_id),
        22: at(report.signed_at or report.made_at),
        24: codes.ULTRASOUND_SECTION.value,
        25: status,
        32: _person(report.signed_by or ""),
        34: _person(facts.operator),
    }
    return segment("OBR", *(fields.get(place, "") for place in range(1, max(fields) + 1)))


def _ordered_by(referrer: str) -> str:
    """A person by name (XCN)."""
    return REPETITION.join(
        components("", each.family, each.given, each.middle, each.suffix, each.prefix) for each in parts_of(referrer)[:1]
    )


def _person(name: str) -> str:
    """A person as name with date and location (NDL): the name is the second part of the first component."""
    return f"{SUBCOMPONENT}{escaped(name)}" if name else ""


def _nte(text: str) -> str:
    return segment("NTE", "1", "L", lines(text))


def _obx(number: int, observed: _Observation, status: str, serial: str) -> str:
    fields = {
        1: str(number),
        2: observed.kind,
        3: coded(observed.code),
        4: escaped(observed.sub),
        5: observed.value,
        6: observed.unit,
        11: status,
        14: at(observed.when),
        16: components("", observed.by),
        17: components("", observed.method),
        18: escaped(serial) if observed.method else "",
    }
    return segment("OBX", *(fields.get(place, "") for place in range(1, max(fields) + 1)))


def _observations(exam: HandedExam) -> Iterator[_Observation]:
    for zone in stated_of(exam):
        yield from _of_zone(zone)
        for number, finding in enumerate(zone.findings, start=1):
            yield from _of_finding(finding, f"{zone.report.id}.{number}")
    yield _Observation(codes.TOTAL_SCORE, "TX", lines(exam.report.sum), note=exam.report.sum_note)
    yield from _context(exam)
    if exam.report.conclusion:
        yield _Observation(codes.CONCLUSION, "TX", lines(exam.report.conclusion), by=exam.report.signed_by or "")
    yield _Observation(codes.COMMENT, "TX", lines(NOTICE))


def _of_zone(zone: StatedZone) -> Iterable[_Observation]:
    sub = zone.report.id
    yield _Observation(codes.ZONE, "CWE", coded(zone.code), sub)
    yield _Observation(codes.ZONE_STATED, "CWE", coded(zone.value), sub, note=zone.report.why)
    if zone.score is not None:
        yield _Observation(codes.LUNG_SCORE, "NM", str(zone.score), sub, coded(codes.NO_UNITS))
    if zone.report.quality is not None:
        yield _Observation(codes.IMAGE_QUALITY_RATING, "NM", f"{zone.report.quality:.4g}", sub, coded(codes.PERCENT))


def _of_finding(finding: StatedFinding, sub: str) -> Iterable[_Observation]:
    report, model = finding.report, finding.algorithm
    said_at = finding.made.said_at if finding.made else None
    method = f"{model.name} {model.version}" if model else ""
    holds = _Observation(finding.code, "CWE", coded(finding.value), sub)
    if finding.decided:
        yield replace(holds, when=report.decided_at, by=report.decided_by or "")
    else:
        yield replace(holds, when=said_at, method=method)
    yield _Observation(codes.MODEL_STATES, "CWE", coded(finding.model_value), sub, status=BY_MODEL, when=said_at, method=method)
    chance = f"{report.probability:.4g}"
    yield _Observation(codes.PROBABILITY, "NM", chance, sub, coded(codes.NO_UNITS), status=BY_MODEL, when=said_at, method=method)
    if finding.decided:
        yield _Observation(codes.DECISION, "CWE", coded(finding.decision), sub, when=report.decided_at, by=report.decided_by or "")


def _context(exam: HandedExam) -> Iterable[_Observation]:
    for name, measured in exam.exam.context.measurements.items():
        unit = components(measured.unit, "", codes.UCUM)
        yield _Observation(codes.VITALS[name], "NM", f"{measured.value:g}", unit=unit, status="F", when=measured.at, by=measured.by)
