"""The order of an exam in its objects: accession number, referrer, admission and scheduled procedure (PS3.3 C.7.2, C.7.3.1, C.17.2)."""

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, KeyObjectSelectionDocumentStorage

from edge.exchange.dicom.names import MOST_IN_SH, long_string
from edge.exchange.handed import HandedExam

DOCUMENTS = (ComprehensiveSRStorage, KeyObjectSelectionDocumentStorage)
"""They refer to the request in a sequence of their own (PS3.3 C.17.2, Table C.17.2-4)."""


def set_order(dataset: Dataset, exam: HandedExam) -> None:
    """Sets what the order of an exam states, exactly as it was scheduled; without an order, an empty accession number and referrer."""
    order = exam.exam.order
    dataset.AccessionNumber = long_string(order.accession, MOST_IN_SH)
    dataset.ReferringPhysicianName = order.referrer
    if order.admission_id:
        dataset.AdmissionID = long_string(order.admission_id)
    if not (order.requested_id or order.step_id):
        return
    if dataset.get("SOPClassUID") in DOCUMENTS:
        dataset.ReferencedRequestSequence = [_referenced(exam)]
    else:
        dataset.RequestAttributesSequence = [_attributes(exam)]


def _attributes(exam: HandedExam) -> Dataset:
    """PS3.3 Table 10-9."""
    order, item = exam.exam.order, _procedure(exam)
    if order.step_id:
        item.ScheduledProcedureStepID = long_string(order.step_id, MOST_IN_SH)
    if order.step:
        item.ScheduledProcedureStepDescription = long_string(order.step)
    return item


def _referenced(exam: HandedExam) -> Dataset:
    """PS3.3 Table C.17-3c: every element is there, empty where it is unknown."""
    item = _procedure(exam)
    item.RequestedProcedureID = item.get("RequestedProcedureID", "")
    item.RequestedProcedureDescription = item.get("RequestedProcedureDescription", "")
    item.RequestedProcedureCodeSequence = []
    item.ReferencedStudySequence = []
    item.PlacerOrderNumberImagingServiceRequest = item.FillerOrderNumberImagingServiceRequest = ""
    return item


def _procedure(exam: HandedExam) -> Dataset:
    order, item = exam.exam.order, Dataset()
    item.StudyInstanceUID = exam.exam.study_uid
    item.AccessionNumber = long_string(order.accession, MOST_IN_SH)
    if order.requested_id:
        item.RequestedProcedureID = long_string(order.requested_id, MOST_IN_SH)
    if order.requested:
        item.RequestedProcedureDescription = long_string(order.requested)
    return item
