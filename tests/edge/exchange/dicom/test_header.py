import time
from dataclasses import replace

import pytest
from pydicom import Dataset
from pydicom.uid import ComprehensiveSRStorage

from edge.exchange.dicom.header import set_common
from edge.exchange.handed import Station
from edge.records.exams.order import Order


def header(exam, person=None, **facts):
    """The header of an exam with other facts of it and of its patient."""
    if person is not None:
        facts["patient"] = replace(exam.exam.patient, **person)
    dataset = Dataset()
    set_common(dataset, replace(exam, exam=exam.exam.model_copy(update=facts)))
    return dataset


def codes(items):
    return [(item.get("CodeValue", item.get("LongCodeValue")), item.CodingSchemeDesignator) for item in items]


@pytest.fixture
def addis_ababa(monkeypatch):
    monkeypatch.setenv("TZ", "EAT-3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_patient_is_the_one_of_the_records(handed):
    made, patient = header(handed), handed.exam.patient
    assert (made.PatientName.family_name, made.PatientID, made.IssuerOfPatientID) == (patient.name, patient.identifier, patient.issuer)
    assert (made.PatientBirthDate, made.PatientSex) == ("19810302", "F")
    assert made.SpecificCharacterSet == "ISO_IR 192"


def test_two_patients_who_are_not_identified_have_two_ids(handed):
    one, other = (header(handed, id=name, patient=None) for name in ("exam-1", "exam-2"))
    assert one.PatientID != other.PatientID
    assert one.PatientName == ""
    assert "not identified" in one.PatientComments


def test_a_birth_date_without_a_day_is_in_the_comment_and_gives_no_age(handed):
    made = header(handed, {"birth_date": "1981-03"})
    assert made.PatientBirthDate == ""
    assert "1981-03" in made.PatientComments
    assert "PatientAge" not in made


def test_a_stated_age_counts_where_there_is_no_birth_date(handed):
    context = handed.exam.context.model_copy(update={"age_years": 34.0})
    assert header(handed, {"birth_date": None}, context=context).PatientAge == "034Y"


def test_a_name_that_is_too_long_is_whole_in_the_comment(handed):
    name = "Wolde Giyorgis " * 6 + "Tekle"
    assert name in header(handed, {"name": name}).PatientComments


def test_the_study_is_that_of_the_exam(handed):
    made = header(handed)
    assert made.StudyInstanceUID == handed.exam.study_uid
    assert made.StudyDescription == handed.protocol.name
    assert codes(made.ProcedureCodeSequence) == [("24630-6", "LN")]
    assert made.ReferringPhysicianName == ""
    assert made.AccessionNumber == ""


ORDER = Order(
    accession="ACC-1", requested_id="RP-1", requested="US Chest", step_id="SPS-1", step="Lung", admission_id="V-17", referrer="ዶክተር^አልማዝ"
)


def test_a_scheduled_patient_has_exactly_the_scheduled_name(handed):
    scheduled = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    made = header(handed, {"name": "Yamada Tarou 山田 太郎 やまだ たろう", "dicom_name": scheduled})
    assert str(made.PatientName) == scheduled
    assert "PatientComments" not in made


def test_an_issuer_that_was_not_scheduled_is_not_sent(handed):
    assert header(handed, {"issuer": "site", "dicom_name": "A^B"}).IssuerOfPatientID == ""
    assert header(handed, {"issuer": "H1", "dicom_name": "A^B"}).IssuerOfPatientID == "H1"
    assert header(handed, {"issuer": "site"}).IssuerOfPatientID == "site"


def test_the_order_is_stated_as_it_was_scheduled(handed):
    made = header(handed, order=ORDER)
    assert (made.AccessionNumber, str(made.ReferringPhysicianName), made.AdmissionID) == ("ACC-1", "ዶክተር^አልማዝ", "V-17")
    [item] = made.RequestAttributesSequence
    assert (item.RequestedProcedureID, item.ScheduledProcedureStepID, item.AccessionNumber) == ("RP-1", "SPS-1", "ACC-1")
    assert item.StudyInstanceUID == made.StudyInstanceUID


def test_a_document_refers_to_the_request_and_an_exam_without_an_order_to_none(handed):
    document = Dataset()
    document.SOPClassUID = ComprehensiveSRStorage
    set_common(document, replace(handed, exam=handed.exam.model_copy(update={"order": ORDER})))
    assert [item.RequestedProcedureID for item in document.ReferencedRequestSequence] == ["RP-1"]
    assert "RequestAttributesSequence" not in document
    made = header(handed)
    assert [name for name in ("AdmissionID", "RequestAttributesSequence", "ReferencedRequestSequence") if name in made] == []


@pytest.mark.usefixtures("addis_ababa")
def test_times_are_those_of_the_board_and_state_their_offset(handed):
    made = header(handed, begun_at=handed.exam.begun_at.replace(hour=22, minute=30, day=1, month=5))
    assert made.TimezoneOffsetFromUTC == "+0300"
    assert made.StudyDate.endswith("0502")
    assert made.StudyTime.startswith("0130")


def test_a_simulated_exam_says_so_in_study_patient_and_subject(handed):
    made = header(handed, simulated=True)
    assert made.StudyDescription.startswith("SIMULATED ")
    assert made.PatientComments.startswith("SIMULATED")
    assert made.QualityControlSubject == "YES"
    assert "QualityControlSubject" not in header(handed)


def test_the_operator_is_named_and_identified(handed):
    made = header(handed)
    [item] = made.OperatorIdentificationSequence
    assert made.OperatorsName.family_name == handed.exam.operator
    assert codes(item.PersonIdentificationCodeSequence) == [(handed.exam.operator_id, "99EDGEUS")]
    assert item.InstitutionName == handed.exam.site


def test_scanner_program_and_model_contributed(handed):
    scanner, program, model = header(handed).ContributingEquipmentSequence
    [algorithm] = handed.algorithms.values()
    assert "Butterfly iQ3" in scanner.Manufacturer
    assert program.SoftwareVersions == handed.station.versions[0]
    assert list(model.SoftwareVersions) == [algorithm.version, algorithm.sha256]
    assert "not a diagnosis" in model.ContributionDescription


def test_an_ascii_exam_has_no_character_set_and_a_station_can_need_one(handed):
    patient = handed.report.patient.model_copy(update={"name": "Abebe"})
    exam = replace(handed, report=handed.report.model_copy(update={"patient": patient}))
    assert "SpecificCharacterSet" not in header(exam, {"name": "Abebe"})
    gondar = replace(exam, station=Station("Gondär", "", ("1",)))
    assert header(gondar, {"name": "Abebe"}).SpecificCharacterSet == "ISO_IR 192"


def test_what_is_known_of_the_patients_state_goes_with_the_images(handed):
    context = handed.exam.context.model_copy(update={"pregnancy": "no", "heart_failure": "yes"})
    made = header(handed, context=context)
    assert made.PregnancyStatus == 1
    assert made.AdditionalPatientHistory == "short of breath\r\nKnown heart failure: yes"


def test_a_name_that_a_worklist_scheduled_is_sent_exactly(handed):
    scheduled = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    made = header(handed, {"name": "Yamada Tarou", "dicom_name": scheduled})
    assert str(made.PatientName) == scheduled
