"""The structured report as a DICOM object; its content is made in `report_tree`.

Only a signed report is verified. An amended one is another document of the same series, with the one before it as its predecessor.
"""

from collections.abc import Iterator, Sequence

from highdicom.sr import ComprehensiveSR
from pydicom.dataset import Dataset
from pydicom.uid import UID, ComprehensiveSRStorage

from edge.exam.report.report import Report
from edge.exchange.codes import US_CHEST
from edge.exchange.dicom.header import set_common, set_moment
from edge.exchange.dicom.items import PROGRAM_NAME, PROGRAM_UID, SERIES, series_uid
from edge.exchange.dicom.names import family_only, long_string
from edge.exchange.dicom.report_items import concept, date_time
from edge.exchange.dicom.report_tree import tree_of
from edge.exchange.dicom.written import Written
from edge.exchange.handed import HandedExam
from edge.exchange.stated import issue_of
from edge.exchange.uids import derived_uid

OF_EVIDENCE = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime")
"""What highdicom copies from the evidence; `set_common` states it afterwards."""


def document_of(exam: HandedExam, images: Sequence[Written]) -> ComprehensiveSR:
    """The newest report of an exam; `images` are evidence, without any the document refers to nothing."""
    report, this = exam.report, _document(exam, exam.report)
    evidence = [_reference(image.sop_class, image.sop_instance, image.series, image.study) for image in images if image.is_image]
    document = ComprehensiveSR(
        evidence=evidence or [this],
        content=tree_of(exam, images)[0],
        series_instance_uid=this.SeriesInstanceUID,
        series_number=SERIES["report"][0],
        sop_instance_uid=this.SOPInstanceUID,
        instance_number=report.number + 1,
        is_complete=True,
        is_final=report.status != "preliminary",
        performed_procedure_codes=[concept(US_CHEST)],
        previous_versions=[*_before(exam)] or None,
    )
    if not evidence:
        del document.CurrentRequestedProcedureEvidenceSequence
    _state(document, exam)
    return document


def _state(document: ComprehensiveSR, exam: HandedExam) -> None:
    """What highdicom takes from the clock or from the images, taken from the exam and its report instead."""
    report = exam.report
    set_common(document, exam)
    document.SeriesDescription = "Structured report"
    set_moment(document, "Series", exam.exam.ended_at or exam.exam.begun_at, exam)
    for of in ("Content", "InstanceCreation"):
        set_moment(document, of, report.signed_at or report.made_at, exam)
    if report.signed_by and report.status != "preliminary":
        document.VerificationFlag = "VERIFIED"
        document.VerifyingObserverSequence = [_verifier(exam, report.signed_by)]
    document.file_meta.ImplementationClassUID, document.file_meta.ImplementationVersionName = UID(PROGRAM_UID), PROGRAM_NAME


def _verifier(exam: HandedExam, signer: str) -> Dataset:
    item = Dataset()
    item.VerifyingObserverName = family_only(signer)
    item.VerifyingOrganization = long_string(exam.exam.site or exam.station.name)
    item.VerificationDateTime = date_time(exam.report.signed_at or exam.report.made_at, exam)
    item.VerifyingObserverIdentificationCodeSequence = []
    return item


def _before(exam: HandedExam) -> Iterator[Dataset]:
    """The document that this one amends, if any."""
    return (_document(exam, report) for report in exam.reports if report.number == exam.report.number - 1)


def _document(exam: HandedExam, report: Report) -> Dataset:
    """A reference to the document of a report."""
    instance = derived_uid(exam.exam.id, "report", issue_of(report))
    return _reference(ComprehensiveSRStorage, instance, series_uid(exam.exam.id, "report"), exam.exam.study_uid)


def _reference(sop_class: str, instance: str, series: str, study: str) -> Dataset:
    """A reference as highdicom takes it."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.SeriesInstanceUID, made.StudyInstanceUID = sop_class, instance, series, study
    for name in OF_EVIDENCE:
        setattr(made, name, "")
    return made
