"""Writes the images of a clip, one object a part of its recording."""

from collections.abc import Iterator
from itertools import chain, groupby

from edge.exchange.dicom.frames import Part, pixels_of
from edge.exchange.dicom.image import image_of
from edge.exchange.dicom.place import Found, Place
from edge.exchange.dicom.stream import write_frames
from edge.exchange.dicom.written import CLIP, STILL, Written
from edge.exchange.handed import HandedExam
from firmware_bridge.frame import Grey


def write_clip(exam: HandedExam, found: Found, place: Place) -> Iterator[Written]:
    """Writes the images of a clip, each when it is taken from the iterator.

    Raises:
        DicomNotWritten: the disk refuses it.
        BridgeError: the recording cannot be read.
    """
    for _, frames in groupby(pixels_of(found.path, found.survey.parts), key=lambda each: each[0].number):
        yield _write(exam, found, frames, place)


def _write(exam: HandedExam, found: Found, frames: Iterator[tuple[Part, Grey]], place: Place) -> Written:
    """Writes the object of one part; `frames` are all of that part."""
    part, first = next(frames)
    clip, number, kind = found.clip, next(place.numbers), STILL if part.frames == 1 else CLIP
    dataset, path = image_of(exam, found, part, place.policy, number), place.path(number, kind, clip.zone.id)
    write_frames(path, dataset, chain((first,), (pixels for _, pixels in frames)), place.policy)
    return Written(
        path=path,
        kind=kind,
        zone=clip.zone.id,
        sop_class=str(dataset.SOPClassUID),
        sop_instance=str(dataset.SOPInstanceUID),
        series=str(dataset.SeriesInstanceUID),
        study=exam.exam.study_uid,
        frames=part.frames,
        first=part.sequences[0],
        clip=clip.record.id,
        superseded=clip.rejected,
        sequences=tuple(part.sequences),
    )
