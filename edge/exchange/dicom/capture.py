"""The class map of each finding as a Secondary Capture image: the frame with the most weight, read again by the same model release.

The records hold no map. Every earlier frame shows where the ultrasound is, as it did when the clip was read.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from edge.exam.summary import FindingSummary
from edge.exchange.codes import LUNG, SOURCE_IMAGE, zone_code
from edge.exchange.dicom.header import SIMULATED, set_common, set_moment
from edge.exchange.dicom.image import LATERALITY, set_pixels
from edge.exchange.dicom.items import begin, referenced, sequence, set_series
from edge.exchange.dicom.names import long_string, text_of
from edge.exchange.dicom.overlay import captioned, overlay
from edge.exchange.dicom.place import Found, Place
from edge.exchange.dicom.stream import write_frames
from edge.exchange.dicom.syntax import Pixels, Policy
from edge.exchange.dicom.written import MAP, Missing, Written
from edge.exchange.handed import HandedExam, HandedZone
from edge.exchange.stated import NO_PATIENT
from edge.exchange.uids import derived_uid
from edge.inference.finding_label import FindingLabel
from edge.inference.reader import Reader
from edge.inference.reading import Reading
from edge.inference.shown import percent
from edge.notice import NOTICE
from edge.records.exams.finding import StoredFinding
from edge.vision.region import FoundBy
from edge.vision.standardise import Prepared
from firmware_bridge.sources.file import open_file

NO_RELEASE = "the class maps are not in the records, and no model release was given to read the frames again"


@dataclass(frozen=True, slots=True)
class Asked:
    """A finding whose map is wanted: on the frame `sequence` at `position` of the recording, which is in `image`."""

    shown: FindingSummary
    stored: StoredFinding
    sequence: int
    position: int
    image: Written

    @property
    def number(self) -> int:
        """Of the frame in its image, from 1."""
        return self.image.frame_of(self.sequence)


@dataclass(frozen=True, slots=True)
class Maps:
    """The maps of an exam by one model release."""

    exam: HandedExam
    reader: Reader
    place: Place

    def asked(self, zone: HandedZone, found: Found, images: Sequence[Written]) -> tuple[list[Asked], list[Missing]]:
        """The maps that can be made of a zone, and why others cannot; `images` are those of its clip."""
        asked, missing = list[Asked](), list[Missing]()
        for shown, stored in zip(zone.summary.findings, zone.findings, strict=True):
            answer = self._ask(found, images, shown, stored)
            if isinstance(answer, Asked):
                asked.append(answer)
            else:
                missing.append(Missing(MAP, zone.zone.id, f"{shown.name}: {answer}"))
        return asked, missing

    def _ask(self, found: Found, images: Sequence[Written], shown: FindingSummary, stored: StoredFinding) -> Asked | str:
        """What is asked for, or the reason why nothing is."""
        if stored.release != self.reader.release.ident:
            return f"{stored.release} made the finding, and {self.reader.release.ident} was given"
        assessment = found.clip.record.assessment
        named = assessment.weighed_most.get(shown.key, ()) if assessment else ()
        if not named:
            return "the record does not name the frame with the most weight"
        image = next((each for each in images if each.frame_of(named[0])), None)
        if image is None:
            return f"frame {named[0]} is not in the recording any more"
        return Asked(shown, stored, named[0], found.survey.position_of(named[0]), image)

    def write(self, zone: HandedZone, found: Found, asked: Sequence[Asked]) -> Iterator[Written]:
        """Writes one image a finding.

        Raises:
            DicomNotWritten: the disk refuses it.
            BridgeError, OutputNotFinite: a frame cannot be read.
        """
        for seen, reading in _readings(self.reader, found, {each.position for each in asked}):
            labels = self.reader.release.on(seen.frame.machine).labels
            for each in asked:
                if each.position == seen.frame.sequence:
                    plane = next(index for index, label in enumerate(labels) if label.key == each.shown.key)
                    coloured = overlay(seen.frame.pixels, _chances(reading, plane, labels[plane]), seen.field, seen.region.mask)
                    yield self._write(zone, each, seen, captioned(coloured, _lines(zone, each, seen)))

    def _write(self, zone: HandedZone, asked: Asked, seen: Prepared, picture: Pixels) -> Written:
        number = next(self.place.numbers)
        path = self.place.path(number, MAP, f"{zone.zone.id}-{asked.shown.key}")
        dataset = _head(self.exam, zone, asked, seen, self.place.policy)
        set_series(dataset, self.exam.exam.id, "maps", number)
        set_pixels(dataset, (picture.shape[0], picture.shape[1]), 3, self.place.policy)
        write_frames(path, dataset, (picture,), self.place.policy)
        return Written(
            path=path,
            kind=MAP,
            zone=zone.zone.id,
            sop_class=str(dataset.SOPClassUID),
            sop_instance=str(dataset.SOPInstanceUID),
            series=str(dataset.SeriesInstanceUID),
            study=self.exam.exam.study_uid,
            frames=1,
            first=asked.sequence,
            clip=asked.image.clip,
            sequences=(asked.sequence,),
        )


def _readings(reader: Reader, found: Found, positions: set[int]) -> Iterator[tuple[Prepared, Reading]]:
    if not positions:
        return
    standardiser = reader.standardiser()
    with closing(open_file(found.path)) as source:
        for frame in islice(source.frames(), max(positions) + 1):
            seen = standardiser.prepare(frame)
            if frame.sequence in positions:
                yield seen, reader.infer(seen)


def _chances(reading: Reading, plane: int, label: FindingLabel) -> NDArray[np.float32]:
    logits = reading.class_map[:, :, plane]
    return np.asarray([[label.probability(logit) for logit in row] for row in logits.tolist()], np.float32)


def _lines(zone: HandedZone, asked: Asked, seen: Prepared) -> Iterator[str]:
    shown, summary = asked.shown, zone.summary
    yield f"{zone.zone.id}  {shown.name}: {shown.word}, {percent(shown.probability)} % (model {asked.stored.release})"
    if summary.code:
        yield f"Not assessable: {summary.code}"
    if shown.decided_by:
        yield f"A person {shown.decision} it: {shown.stated.value}"
    yield f"Frame {asked.number}. Colour: where the model sees {shown.name}"
    marks = [*summary.machine_marks, SIMULATED] if seen.frame.simulated else [*summary.machine_marks]
    yield ", ".join((*marks, NOTICE))


def _head(exam: HandedExam, zone: HandedZone, asked: Asked, seen: Prepared, policy: Policy) -> Dataset:
    uid = derived_uid(asked.image.clip, "map", asked.shown.key, asked.stored.release, *policy.variant)
    dataset = begin(SecondaryCaptureImageStorage, uid, policy.syntax)
    set_common(dataset, exam)
    set_moment(dataset, "Content", asked.stored.said_at, exam)
    dataset.SeriesDescription = long_string(f"Class maps ({NOTICE})")
    dataset.ConversionType, dataset.ImageType, dataset.PatientOrientation = "WSD", ["DERIVED", "SECONDARY"], ""
    dataset.DerivationDescription = f"Class map of {asked.shown.name} by {asked.stored.release} over frame {asked.number}"
    [source] = referenced([asked.image])
    source.ReferencedFrameNumber, source.PurposeOfReferenceCodeSequence = asked.number, sequence(SOURCE_IMAGE)
    dataset.SourceImageSequence = [source]
    dataset.AnatomicRegionSequence = sequence(LUNG)
    dataset.ImageLaterality = LATERALITY[zone.zone.side]
    dataset.ViewCodeSequence = sequence(zone_code(exam.protocol.id, zone.zone.id, long_string(zone.zone.name)))
    dataset.ImageComments = text_of((NO_PATIENT if seen.frame.simulated else "", *_lines(zone, asked, seen)))
    if seen.frame.simulated:
        dataset.QualityControlImage = "YES"
    if seen.frame.simulated or seen.region.found_by is FoundBy.GEOMETRY:
        dataset.BurnedInAnnotation = "NO"
    return dataset
