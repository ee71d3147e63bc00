"""One DICOM object without its patient: a new object that has only what `attributes.yaml` lets through.

PS3.15 Annex E, Basic Application Level Confidentiality Profile, with the options Clean Pixel Data, Clean Structured Content, Retain
Longitudinal Temporal Information Modified Dates and Retain Patient Characteristics (age and sex only). An attribute that is not known is
removed, which is safer than to remove what is known to identify.
"""

import warnings
from collections.abc import Iterator
from typing import Final

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag

from edge.exchange.codes import DEIDENTIFIED_BY, Code
from edge.exchange.deidentified.attributes import attributes
from edge.exchange.deidentified.coded import coded_entry, is_coded
from edge.exchange.deidentified.pseudonyms import age_of
from edge.exchange.deidentified.values import BINARY, Allowed, checked
from edge.notice import NOTICE

METHOD: Final = "PS3.15 2026c Annex E, only what is known to be safe stays"
UTF8: Final = "ISO_IR 192"
REMOVED: Final = "removed"
CODED = ("CodeSequence", "AnatomicRegionSequence", "AnatomicRegionModifierSequence")
"""The ends of the names of the sequences whose items are coded entries."""
VALUE_OF = {
    "CODE": "ConceptCodeSequence",
    "NUM": "MeasuredValueSequence",
    "TEXT": "TextValue",
    "UIDREF": "UID",
    "IMAGE": "ReferencedSOPSequence",
    "COMPOSITE": "ReferencedSOPSequence",
    "SCOORD": "GraphicData",
    "CONTAINER": "ContinuityOfContent",
}
"""What an item of a report needs, by its value type (PS3.3 C.17.3); names, dates and times are items of other types, and go."""


def deidentified(dataset: Dataset, allowed: Allowed) -> Dataset:
    """A new object without pixels and file meta information; `dataset` stays as it is.

    `allowed.pseudonyms` must be those of its patient: see `patient_of`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pydicom warns of in a value is removed here
        clean = _cleaned(dataset, allowed)
        _state_age(clean, dataset)
        _state_verifier(clean, dataset, allowed)
    clean.SpecificCharacterSet = UTF8
    clean.PatientName = clean.PatientID = allowed.pseudonyms.name
    clean.SeriesDescription = NOTICE
    clean.PatientIdentityRemoved = "YES"
    clean.DeidentificationMethod = METHOD
    clean.DeidentificationMethodCodeSequence = [_entry(code) for code in DEIDENTIFIED_BY]
    clean.LongitudinalTemporalInformationModified = "MODIFIED"
    return clean


def patient_of(dataset: Dataset) -> str:
    """What identifies the patient of an object for the site; without an identifier its study does, so that nobody is taken for another."""
    identifier = str(dataset.get("PatientID") or "")
    if not identifier:
        return f"study/{dataset.get('StudyInstanceUID', '')}"
    return f"{dataset.get('IssuerOfPatientID') or ''}/{identifier}"


def _cleaned(dataset: Dataset, allowed: Allowed) -> Dataset:
    lists, clean = attributes(), Dataset()
    for tag in list(dataset.keys()):
        keyword = keyword_for_tag(tag)
        kept = _element(dataset, tag, keyword, allowed) if keyword in lists.carried else None
        if kept is not None:
            clean.add(kept)
        elif keyword in lists.emptied:
            setattr(clean, keyword, None)
    return clean


def _element(dataset: Dataset, tag: BaseTag, keyword: str, allowed: Allowed) -> DataElement | None:
    try:
        element = dataset[tag]
    except Exception:  # a value that its VR does not admit raises whatever its converter raises
        return None
    if element.VR == "SQ":
        return _sequence(element, keyword, allowed)
    if element.VR in BINARY or element.is_empty:
        return DataElement(tag, element.VR, element.value) if element.VR in BINARY else DataElement(tag, element.VR, None)
    values = [str(value) for value in (element.value if element.VM > 1 else [element.value])]
    kept = checked(element.VR, values, allowed)
    return None if kept is None else DataElement(tag, element.VR, kept if len(kept) > 1 else kept[0])


def _sequence(element: DataElement, keyword: str, allowed: Allowed) -> DataElement | None:
    items = [kept for item in element.value if (kept := _item(item, keyword, allowed)) is not None]
    return DataElement(element.tag, "SQ", items) if items else None


def _item(item: Dataset, keyword: str, allowed: Allowed) -> Dataset | None:
    """What stays of an item of a sequence; None where its code, or what a report's item needs, does not."""
    clean = _cleaned(item, allowed)
    if is_coded(item) or keyword.endswith(CODED):
        entry = coded_entry(item, allowed.codes)
        if entry is not None:
            clean.update(entry)
        return clean if entry is not None else None
    if keyword == "ContentSequence":
        return clean if _is_whole(item, clean) else None
    return clean if len(clean) or not len(item) else None


def _is_whole(item: Dataset, clean: Dataset) -> bool:
    needed = VALUE_OF.get(str(clean.get("ValueType", "")))
    named = "ConceptNameCodeSequence" in clean or "ConceptNameCodeSequence" not in item
    return needed is not None and needed in clean and named


def _state_age(clean: Dataset, dataset: Dataset) -> None:
    if "PatientAge" not in dataset and (age := age_of(str(dataset.get("PatientBirthDate", "")), str(dataset.get("StudyDate", "")))):
        clean.PatientAge = age


def _state_verifier(clean: Dataset, dataset: Dataset, allowed: Allowed) -> None:
    """A verified report needs a verifier (PS3.3 C.17.2): the time stays, the person does not."""
    if clean.get("VerificationFlag") != "VERIFIED":
        return
    observer = Dataset()
    observer.VerifyingObserverName = observer.VerifyingOrganization = REMOVED
    observer.VerificationDateTime = next(_verified_at(dataset, allowed), clean.get("ContentDate") or "19000101")
    observer.VerifyingObserverIdentificationCodeSequence = []
    clean.VerifyingObserverSequence = [observer]


def _verified_at(dataset: Dataset, allowed: Allowed) -> Iterator[str]:
    for item in dataset.get("VerifyingObserverSequence") or ():
        if moved := allowed.pseudonyms.moved(str(item.get("VerificationDateTime", ""))):
            yield moved


def _entry(code: Code) -> Dataset:
    entry = Dataset()
    entry.CodeValue, entry.CodingSchemeDesignator, entry.CodeMeaning = code.value, code.scheme, code.meaning
    return entry
