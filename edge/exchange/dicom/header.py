"""What every object of an exam states: patient, study, operator and equipment (PS3.3 C.7.1, C.7.2, C.7.5, C.12.1)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone, tzinfo

from pydicom.dataset import Dataset

from edge.exchange.codes import ACQUISITION_EQUIPMENT, PRIVATE, PRIVATE_UID, PROCESSING_EQUIPMENT, US_CHEST, Code, operator_code
from edge.exchange.dicom.items import sequence
from edge.exchange.dicom.names import (
    MOST_IN_SH,
    MOST_IN_ST,
    SEXES,
    age_at,
    age_of_years,
    birth_date,
    character_set,
    family_only,
    long_string,
    part_of_birth_date,
    text_of,
    whole_name,
)
from edge.exchange.dicom.order import set_order
from edge.exchange.handed import HandedExam
from edge.exchange.stated import NO_PATIENT, is_simulated
from edge.notice import NOTICE
from edge.records.exams.patients import OWN_ISSUER, StoredPatient
from firmware_bridge.machine import Machine

SIMULATED = "SIMULATED"
NOT_IDENTIFIED = "Patient not identified"
NOT_IDENTIFIED_ISSUER = "SonoEdge exam id"
"""Two patients without an identifier must not become one at a peer: the id of the exam stands for that of the patient."""
PREGNANCY = {"no": 1, "yes": 3}
"""PS3.3 C.7.2.2; nothing is stated where it is unknown."""
OF_SCHEME = "SonoEdge"


def set_common(dataset: Dataset, exam: HandedExam) -> None:
    """Sets patient, study, order, operator and equipment of `dataset`, and the character set that holds every text of the exam."""
    if stated := character_set_of(exam):
        dataset.SpecificCharacterSet = stated
    _set_patient(dataset, exam)
    _set_study(dataset, exam)
    set_order(dataset, exam)
    _set_operator(dataset, exam)
    _set_station(dataset, exam)
    set_equipment(dataset, exam, [Machine.named(name) for name in exam.summary.machines])


def character_set_of(exam: HandedExam) -> str:
    """The Specific Character Set of an exam's objects; empty where ASCII is enough."""
    station = exam.station
    texts = (exam.exam.model_dump_json(), exam.report.canonical, exam.protocol.text)
    return character_set(*texts, station.name, station.serial, station.manufacturer, station.model, *station.versions)


def clock_of(exam: HandedExam) -> tzinfo:
    """The zone of every time in the objects of an exam: that of this board when the exam began."""
    return timezone(exam.exam.begun_at.astimezone().utcoffset() or timedelta())


def set_moment(dataset: Dataset, of: str, at: datetime, exam: HandedExam) -> None:
    """Sets the date and the time `of` something, such as "Study"."""
    local = at.astimezone(clock_of(exam))
    setattr(dataset, f"{of}Date", f"{local:%Y%m%d}")
    setattr(dataset, f"{of}Time", f"{local:%H%M%S.%f}")


def _set_patient(dataset: Dataset, exam: HandedExam) -> None:
    patient, context = exam.exam.patient, exam.exam.context
    dataset.PatientName = (patient.dicom_name or family_only(patient.name)) if patient else ""
    dataset.PatientID = patient.identifier if patient else exam.exam.id
    dataset.IssuerOfPatientID = _issuer(patient) if patient else NOT_IDENTIFIED_ISSUER
    dataset.PatientBirthDate = birth_date(patient.birth_date) if patient else ""
    dataset.PatientSex = SEXES.get(patient.sex or "", "") if patient else ""
    if age := _age(exam):
        dataset.PatientAge = age
    if context.pregnancy in PREGNANCY:
        dataset.PregnancyStatus = PREGNANCY[context.pregnancy]
    if history := text_of(_history(exam)):
        dataset.AdditionalPatientHistory = history
    if comments := text_of(_comments(exam)):
        dataset.PatientComments = comments
    if is_simulated(exam):
        dataset.QualityControlSubject = "YES"


def _issuer(patient: StoredPatient) -> str:
    """Empty where the hospital scheduled none: a peer would take the patient of another issuer for another person."""
    return "" if patient.dicom_name and patient.issuer == OWN_ISSUER else long_string(patient.issuer)


def _age(exam: HandedExam) -> str:
    stated, patient = exam.exam.context.age_years, exam.exam.patient
    from_birth = age_at(patient.birth_date, exam.exam.begun_at.date()) if patient else ""
    return from_birth or ("" if stated is None else age_of_years(stated))


def _history(exam: HandedExam) -> Iterator[str]:
    yield exam.exam.context.complaint
    if exam.exam.context.heart_failure != "unknown":
        yield f"Known heart failure: {exam.exam.context.heart_failure}"


def _comments(exam: HandedExam) -> Iterator[str]:
    if is_simulated(exam):
        yield NO_PATIENT
    if (patient := exam.exam.patient) is None:
        yield NOT_IDENTIFIED
        return
    if not patient.dicom_name and (whole := whole_name(patient.name)):
        yield f"Name: {whole}"
    if part := part_of_birth_date(patient.birth_date):
        yield f"Born: {part}"


def _set_study(dataset: Dataset, exam: HandedExam) -> None:
    mark = f"{SIMULATED} " if is_simulated(exam) else ""
    dataset.StudyInstanceUID, dataset.StudyID = exam.exam.study_uid, exam.exam.id.replace("-", "")[-MOST_IN_SH:]
    set_moment(dataset, "Study", exam.exam.begun_at, exam)
    dataset.TimezoneOffsetFromUTC = f"{exam.exam.begun_at.astimezone(clock_of(exam)):%z}"
    dataset.StudyDescription = long_string(mark + exam.protocol.name)
    dataset.ProcedureCodeSequence = sequence(US_CHEST)
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeUID = PRIVATE, PRIVATE_UID
    scheme.CodingSchemeResponsibleOrganization = OF_SCHEME
    dataset.CodingSchemeIdentificationSequence = [scheme]


def _set_operator(dataset: Dataset, exam: HandedExam) -> None:
    operator = exam.exam.operator
    dataset.OperatorsName = family_only(operator)
    if exam.exam.operator_id is None:
        return
    item = Dataset()
    item.PersonIdentificationCodeSequence = sequence(operator_code(exam.exam.operator_id, long_string(operator)))
    item.InstitutionName = _institution(exam)
    dataset.OperatorIdentificationSequence = [item]


def _institution(exam: HandedExam) -> str:
    return long_string(exam.exam.site or exam.station.name)


def _set_station(dataset: Dataset, exam: HandedExam) -> None:
    station = exam.station
    dataset.Manufacturer, dataset.ManufacturerModelName = long_string(station.manufacturer), long_string(station.model)
    dataset.StationName = long_string(station.name, MOST_IN_SH)
    dataset.SoftwareVersions = [long_string(version) for version in station.versions]
    if station.serial:
        dataset.DeviceSerialNumber = long_string(station.serial)
    if exam.exam.site:
        dataset.InstitutionName = _institution(exam)


def set_equipment(dataset: Dataset, exam: HandedExam, machines: Sequence[Machine]) -> None:
    """States what contributed: the `machines` that made the images, the program, and the models that read them."""
    station = exam.station
    items = [_equipment(ACQUISITION_EQUIPMENT, each.scanner, each.scanner, "made the images") for each in machines if each.scanner]
    items.append(_equipment(PROCESSING_EQUIPMENT, station.manufacturer, station.model, "recorded the images", station.versions))
    for model in exam.algorithms.values():
        versions = tuple(filter(None, (model.version, model.sha256)))
        items.append(_equipment(PROCESSING_EQUIPMENT, station.manufacturer, model.name, f"read the images: {NOTICE}", versions))
    dataset.ContributingEquipmentSequence = items


def _equipment(purpose: Code, maker: str, model: str, did: str, versions: Sequence[str] = ()) -> Dataset:
    """An item of PS3.3 C.12.1.1.5. A recording states maker and model of a scanner as one name, which stands for both."""
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = sequence(purpose)
    item.Manufacturer, item.ManufacturerModelName = long_string(maker), long_string(model)
    item.ContributionDescription = long_string(did, MOST_IN_ST)
    if versions:
        item.SoftwareVersions = [long_string(version) for version in versions]
    return item
