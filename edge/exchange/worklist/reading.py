"""Reads the answers of a worklist query (PS3.4 annex K) as entries. This module is slow to import."""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from edge.exchange.worklist.entry import WorklistEntry
from edge.exchange.worklist.texts import decoded

OF_REQUEST: Mapping[str, str] = MappingProxyType(
    {
        "patient_id": "PatientID",
        "issuer": "IssuerOfPatientID",
        "name": "PatientName",
        "birth_date": "PatientBirthDate",
        "sex": "PatientSex",
        "accession": "AccessionNumber",
        "study_uid": "StudyInstanceUID",
        "requested_id": "RequestedProcedureID",
        "requested": "RequestedProcedureDescription",
        "admission_id": "AdmissionID",
        "referrer": "ReferringPhysicianName",
    }
)
OF_STEP: Mapping[str, str] = MappingProxyType(
    {
        "step_id": "ScheduledProcedureStepID",
        "step": "ScheduledProcedureStepDescription",
        "station": "ScheduledStationAETitle",
        "modality": "Modality",
        "date": "ScheduledProcedureStepStartDate",
        "time": "ScheduledProcedureStepStartTime",
        "performer": "ScheduledPerformingPhysicianName",
    }
)
"""The attributes of an entry, by its fields."""
STEPS, CHARACTER_SET = "ScheduledProcedureStepSequence", "SpecificCharacterSet"


def entry_of(answer: Dataset) -> WorklistEntry:
    """The entry, exactly as it was scheduled. Its own problems in the text are noted; `judged` finds all others."""
    stated = _bytes(answer, CHARACTER_SET).decode("ascii", "replace").rstrip(" \0")
    terms = stated.split("\\") if stated else []
    steps = answer.get(STEPS) or [Dataset()]
    read = {field: decoded(_bytes(answer, keyword), terms) for field, keyword in OF_REQUEST.items()}
    read |= {field: decoded(_bytes(steps[0], keyword), terms) for field, keyword in OF_STEP.items()}
    certain = all(sure for _, sure in read.values())
    return WorklistEntry(
        **{field: text for field, (text, _) in read.items()}, character_set=stated, problems=() if certain else ("characters",)
    )


def _bytes(dataset: Dataset, keyword: str) -> bytes:
    """The value as it was received; empty where there is none."""
    tag = tag_for_keyword(keyword)
    element = None if tag is None or tag not in dataset else dataset.get_item(tag)
    value = None if element is None else element.value
    if value is None:
        return b""
    return value if isinstance(value, bytes) else "\\".join([value] if isinstance(value, str) else map(str, value)).encode("ascii")
