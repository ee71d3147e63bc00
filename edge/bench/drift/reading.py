"""Clips as the appliance reads and records them: what the drift watch sees of each."""

from collections.abc import Iterable, Iterator

from edge.exam.clip import finding_of
from edge.exam.taking.stored_zone import assessment_of
from edge.feedback.drift.exams import ClipSignals, clip_signals, names_of, signals_of
from edge.feedback.drift.signals import Signals
from edge.inference.reader import Reader
from edge.inference.reading import Reading
from edge.vision.quality import Quality
from firmware_bridge.frame import Frame


def clip_of(reader: Reader, frames: Iterable[Frame]) -> ClipSignals:
    """What the record of a clip of these frames tells."""
    found = finding_of(reader.release, _read(reader, frames))
    return clip_signals(assessment_of(found), {score.finding: score.probability for score in found.scores})


def exam_of(clips: Iterable[ClipSignals]) -> Signals:
    """The signals of an exam with these clips."""
    seen = tuple(clips)
    return signals_of(seen, names_of(seen))


def _read(reader: Reader, frames: Iterable[Frame]) -> Iterator[tuple[Quality, Reading]]:
    standardiser = reader.standardiser()
    for frame in frames:
        seen = standardiser.take(frame)
        yield seen.quality, reader.infer(seen)
