"""Reads a bundle as JSON, as a server does."""

import json
from pathlib import Path

from edge.exchange import codes
from edge.exchange.dicom.written import CLIP, REPORT, Written
from edge.exchange.fhir.bundle import bundle_of
from edge.exchange.uids import derived_uid


def written(exam):
    """A clip of each zone, and the structured report."""
    clips = [
        Written(
            clip.path,
            CLIP,
            clip.zone.id,
            "1.2.840.10008.5.1.4.1.1.3.1",
            derived_uid(clip.record.id),
            derived_uid("us"),
            exam.exam.study_uid,
        )
        for clip in (zone.clip for zone in exam.zones)
        if clip
    ]
    report = Written(Path("r"), REPORT, "", "1.2.840.10008.5.1.4.1.1.88.33", derived_uid("sr", 1), derived_uid("sr"), exam.exam.study_uid)
    return [*clips, report]


def sent(exam, images=None, **options):
    return json.loads(bundle_of(exam, written(exam) if images is None else images, **options))


def of(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def resolved(bundle, reference):
    return next(entry["resource"] for entry in bundle["entry"] if entry["fullUrl"] == reference["reference"])


def coded(concept):
    return [coding["code"] for coding in concept["coding"]]


def coded_or_none(concept):
    return coded(concept) if "coding" in concept else None


def labels(resource):
    return [coding["code"] for coding in resource.get("meta", {}).get("security", ())]


def by_model(bundle):
    return [each for each in of(bundle, "Observation") if "device" in each]


def decisions(bundle):
    return [
        each for each in of(bundle, "Observation") if any(codes.DECISION.value in coded(part["code"]) for part in each.get("component", ()))
    ]


def zones(bundle):
    return {coded(each["bodySite"])[1]: each for each in of(bundle, "Observation") if coded(each["code"]) == [codes.ZONE_STATED.value]}


def walk(value, key=""):
    """Every object with the name under which it stands."""
    if isinstance(value, dict):
        yield key, value
        for name, each in value.items():
            yield from walk(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from walk(each, key)
