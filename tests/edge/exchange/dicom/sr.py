"""Structured reports for tests: images that are not there, and the tree read back with pydicom."""

from dataclasses import replace

from pydicom import dcmread
from pydicom.uid import UltrasoundMultiFrameImageStorage

from edge.exchange.dicom.report import write_report
from edge.exchange.dicom.written import CLIP, Written
from edge.exchange.uids import derived_uid

FRAMES, FIRST = 12, 100
WEIGHED = (104, 110)


def images_of(exam):
    """A clip for each zone with a recording; frame 105 was lost, so it is in none."""
    sequences = tuple(each for each in range(FIRST, FIRST + FRAMES + 1) if each != 105)
    clips = [zone.clip for zone in exam.zones if zone.clip]
    return [
        Written(
            clip.path, CLIP, clip.zone.id, UltrasoundMultiFrameImageStorage, derived_uid(clip.record.id), derived_uid("series"),
            exam.exam.study_uid, len(sequences), FIRST, clip.record.id, sequences=sequences,
        )
        for clip in clips
    ]  # fmt: skip


def weighing(exam):
    """The same exam, whose findings rest on some frames more than on others."""

    def heavier(zone):
        if zone.clip is None:
            return zone
        weighed = {finding.key: WEIGHED for finding in zone.findings}
        assessment = replace(zone.clip.record.assessment, weighed_most=weighed)
        return replace(zone, clip=replace(zone.clip, record=replace(zone.clip.record, assessment=assessment)))

    return replace(exam, zones=tuple(map(heavier, exam.zones)))


def written(exam, folder, images=()):
    return dcmread(write_report(exam, images, folder).path)


def name(item):
    return item.ConceptNameCodeSequence[0].CodeValue


def value(item):
    return item.ConceptCodeSequence[0].CodeValue


def walk(item):
    for child in item.get("ContentSequence", ()):
        yield child
        yield from walk(child)


def named(item, code):
    return [child for child in item.get("ContentSequence", ()) if name(child) == code.value]


def groups(document):
    """The measurement groups by tracking identifier."""
    found = (item for item in walk(document) if name(item) == "125007")
    return {next(child.TextValue for child in group.ContentSequence if name(child) == "112039"): group for group in found}
