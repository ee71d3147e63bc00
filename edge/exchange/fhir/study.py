"""The DICOM objects of an exam as an ImagingStudy."""

from collections.abc import Mapping, Sequence

from edge.exchange import codes
from edge.exchange.codes import MODALITIES, Code
from edge.exchange.dicom.written import CLIP, DOCUMENT, MAP, REJECTED, REPORT, REVIEW, STILL, Written
from edge.exchange.fhir.actors import Actors
from edge.exchange.fhir.elements import Json, Resource, accession, at, coding, concept, id_of, labelled, simulated_label
from edge.exchange.handed import HandedExam

MODALITY: Mapping[str, Code] = {
    CLIP: MODALITIES["US"],
    STILL: MODALITIES["US"],
    MAP: MODALITIES["US"],
    REPORT: MODALITIES["SR"],
    REJECTED: MODALITIES["KO"],
    REVIEW: MODALITIES["KO"],
    DOCUMENT: MODALITIES["DOC"],
}
"""By the kind of an object."""


def study_of(exam: HandedExam, actors: Actors, written: Sequence[Written]) -> Resource:
    """The study with its series and objects, in the order in which they were written."""
    series: dict[str, list[Written]] = {}
    for each in written:
        series.setdefault(each.series, []).append(each)
    uid = exam.exam.study_uid
    content: Json = {
        **labelled(*simulated_label(exam)),
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}, *accession(exam)],
        "status": "available",
        "modality": [coding(modality) for modality in dict.fromkeys(MODALITY[each.kind] for each in written)],
        **actors.subject,
        "started": at(exam.exam.begun_at),
        "numberOfSeries": len(series),
        "numberOfInstances": len(written),
        "procedureCode": [concept(codes.US_CHEST)],
        "series": [_series(each, members) for each, members in series.items()],
    }
    return Resource("ImagingStudy", id_of("ImagingStudy", exam.exam.id), content)


def _series(uid: str, members: Sequence[Written]) -> Json:
    return {
        "uid": uid,
        "modality": coding(MODALITY[members[0].kind]),
        "numberOfInstances": len(members),
        "bodySite": coding(codes.LUNG),
        "instance": [
            {"uid": each.sop_instance, "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{each.sop_class}"}} for each in members
        ],
    }
