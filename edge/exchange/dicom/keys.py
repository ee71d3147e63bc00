"""Key objects: which images were rejected, and which ones a second reader should see (PS3.3 A.35.4, PS3.16 TID 2010)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from edge.exchange.codes import FOR_PEER_REVIEW, REJECTED_FOR_QUALITY, Code
from edge.exchange.dicom.header import set_common, set_moment
from edge.exchange.dicom.items import SERIES, series_uid
from edge.exchange.dicom.names import text_of
from edge.exchange.dicom.stream import write_object
from edge.exchange.dicom.written import REJECTED, REVIEW, Written
from edge.exchange.handed import HandedExam
from edge.exchange.uids import derived_uid
from edge.notice import NOTICE

TITLES = {REJECTED: REJECTED_FOR_QUALITY, REVIEW: FOR_PEER_REVIEW}
"""The title of each kind (PS3.16 CID 7010)."""
WHY_REJECTED = "The zone was taken again"


def write_keys(exam: HandedExam, kind: str, images: Sequence[Written], path: Path, number: int) -> Written:
    """Writes the key object of a `kind` of `TITLES` over one or more images.

    Raises:
        DicomNotWritten: the disk refuses it.
    """
    why = WHY_REJECTED if kind == REJECTED else f"Second reading: {', '.join(exam.exam.over_read)}"
    sop_instance = derived_uid(exam.exam.id, kind, *(image.sop_instance for image in images), why)
    dataset = _document(TITLES[kind], text_of((f"{why} ({NOTICE})",)), images, (exam.exam.id, sop_instance, number))
    set_common(dataset, exam)
    set_moment(dataset, "Content", _when(exam, kind), exam)
    write_object(path, dataset)
    return Written(path, kind, "", dataset.SOPClassUID, sop_instance, dataset.SeriesInstanceUID, exam.exam.study_uid)


def _when(exam: HandedExam, kind: str) -> datetime:
    """Never the time of writing: an object that is written again has the same bytes."""
    taken_again = [clip.record.superseded_at for clip in exam.rejected if clip.record.superseded_at]
    return max(taken_again) if kind == REJECTED and taken_again else exam.exam.ended_at or exam.exam.begun_at


def _document(title: Code, why: str, images: Sequence[Written], names: tuple[str, str, int]) -> Dataset:
    from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument  # noqa: PLC0415 - heavy, and wanted here only
    from highdicom.sr import CodedConcept  # noqa: PLC0415 - see above

    evidence = [dcmread(image.path, stop_before_pixels=True) for image in images]
    exam_id, sop_instance, number = names
    return KeyObjectSelectionDocument(
        evidence=evidence,
        content=KeyObjectSelection(
            document_title=CodedConcept(title.value, title.scheme, title.meaning),
            referenced_objects=evidence,
            description=why,
        ),
        series_instance_uid=series_uid(exam_id, "keys"),
        series_number=SERIES["keys"][0],
        sop_instance_uid=sop_instance,
        instance_number=number,
    )
