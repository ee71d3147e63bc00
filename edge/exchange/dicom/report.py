"""Writes the report of an exam as a Comprehensive SR (PS3.3 A.35.3)."""

from collections.abc import Sequence
from pathlib import Path

from edge.exchange.dicom.stream import write_object
from edge.exchange.dicom.written import REPORT, Written
from edge.exchange.handed import HandedExam

FILE = "report.dcm"


def write_report(exam: HandedExam, images: Sequence[Written], into: Path) -> Written:
    """Writes the newest report into a folder; findings refer to those of `images` that hold the frames of their clips.

    An exam without images has a report without references. The same report gives the same file.

    Raises:
        DicomNotWritten: the disk refuses it.
    """
    from edge.exchange.dicom.report_document import document_of  # noqa: PLC0415 - imports highdicom: heavy, and wanted here only

    path = into / FILE
    document = document_of(exam, images)
    write_object(path, document)
    placed = str(document.SOPClassUID), str(document.SOPInstanceUID), str(document.SeriesInstanceUID), str(document.StudyInstanceUID)
    return Written(path, REPORT, "", *placed)
