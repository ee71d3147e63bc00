"""The printed report as an Encapsulated PDF (PS3.3 A.45.1), for peers that show documents and no structured reports."""

from pathlib import Path

from pydicom.uid import EncapsulatedPDFStorage

from edge.exam.report.picture import shots_of
from edge.exam.report.press import pressed
from edge.exchange.codes import REPORT
from edge.exchange.dicom.header import set_common, set_moment
from edge.exchange.dicom.items import begin, sequence, set_series
from edge.exchange.dicom.names import text_of
from edge.exchange.dicom.stream import write_object
from edge.exchange.dicom.written import DOCUMENT, Written
from edge.exchange.handed import HandedExam
from edge.exchange.stated import NO_PATIENT, is_simulated, issue_of
from edge.exchange.uids import derived_uid
from edge.notice import NOTICE

PDF = "application/pdf"


def write_document(exam: HandedExam, path: Path, number: int) -> tuple[Written, str]:
    """Writes the newest report with its pictures; also returns what the page itself states is missing on it.

    Raises:
        DicomNotWritten: the disk refuses it.
        ReportNotPrinted: the process that prints failed.
    """
    report = exam.report
    clips = [(zone.clip.record, zone.clip.path) for zone in exam.zones if zone.clip is not None]
    page = pressed(report, shots_of(report, clips))
    dataset = begin(EncapsulatedPDFStorage, derived_uid(exam.exam.id, "document", issue_of(report)))
    set_common(dataset, exam)
    set_series(dataset, exam.exam.id, "document", number)
    set_moment(dataset, "Content", report.made_at, exam)
    dataset.AcquisitionDateTime = ""
    dataset.ConversionType, dataset.BurnedInAnnotation = "WSD", "YES"
    dataset.SeriesDescription = "Reports"
    dataset.DocumentTitle = text_of((f"{exam.protocol.name}: {report.status} report ({NOTICE})",))
    if is_simulated(exam):
        dataset.ContentDescription = NO_PATIENT
    dataset.ConceptNameCodeSequence = sequence(REPORT)
    dataset.MIMETypeOfEncapsulatedDocument = PDF
    dataset.EncapsulatedDocumentLength = len(page.content)
    dataset.EncapsulatedDocument = page.content + b"\0" * (len(page.content) % 2)
    write_object(path, dataset)
    placed = (str(dataset.SOPClassUID), str(dataset.SOPInstanceUID), str(dataset.SeriesInstanceUID), exam.exam.study_uid)
    return Written(path, DOCUMENT, "", *placed), page.remark
