"""The parts that many objects share: a coded concept, a reference, and the heads of a file, a series and an instance."""

from collections.abc import Iterable

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian

from edge.exchange.codes import MOST_CHARACTERS, Code
from edge.exchange.dicom.written import Written
from edge.exchange.uids import derived_uid

PROGRAM_UID, PROGRAM_NAME = derived_uid("implementation"), "SONOEDGE"
"""Implementation Class UID and Version Name (PS3.7 D.3.3.2)."""
SERIES = {"images": (1, "US"), "maps": (2, "US"), "report": (3, "SR"), "keys": (4, "KO"), "document": (5, "DOC")}
"""By what is in it: the number and the modality of a series."""


def coded(code: Code) -> Dataset:
    """An item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    setattr(item, "CodeValue" if len(code.value) <= MOST_CHARACTERS else "LongCodeValue", code.value)
    item.CodingSchemeDesignator = code.scheme
    item.CodeMeaning = code.meaning
    return item


def sequence(*codes: Code) -> Items:
    """A code sequence."""
    return Items([coded(code) for code in codes])


def referenced(objects: Iterable[Written]) -> list[Dataset]:
    """References to objects, as in a Source Image Sequence."""
    items = []
    for each in objects:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = each.sop_class, each.sop_instance
        items.append(item)
    return items


def begin(sop_class: UID, sop_instance: str, syntax: UID = ExplicitVRLittleEndian) -> Dataset:
    """An empty object with the head of its file."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, sop_instance
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = sop_class, UID(sop_instance)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.ImplementationClassUID, dataset.file_meta.ImplementationVersionName = UID(PROGRAM_UID), PROGRAM_NAME
    return dataset


def series_uid(exam_id: str, what: str) -> str:
    """The series of an exam that holds `what`, a key of `SERIES`."""
    return derived_uid(exam_id, "series", what)


def set_series(dataset: Dataset, exam_id: str, what: str, number: int) -> None:
    """Puts an object as instance `number` into a series of its exam."""
    dataset.SeriesNumber, dataset.Modality = SERIES[what]
    dataset.SeriesInstanceUID, dataset.InstanceNumber = series_uid(exam_id, what), number
