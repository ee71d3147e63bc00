"""Recordings of one patient, read as an exam; the best clip of each zone counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.exam.clip import ClipFinding
from edge.exam.exam import Exam
from edge.exam.manifest import ManifestClip
from edge.exam.protocol.protocol import Acquisition, Protocol
from edge.exam.summary import ExamSummary, FindingSummary, Taken, summary_of
from edge.exam.taking.stored_zone import assessment_of, findings_of
from firmware_bridge.errors import BridgeError


@dataclass(frozen=True, slots=True)
class ReadClip:
    clip: ManifestClip
    finding: ClipFinding


@dataclass(frozen=True, slots=True)
class Replay:
    """`speaking` holds the clip that counts for each zone; `others` are the clips of zones with a better clip.

    `unread` could not be read, with the reason; `strangers` belong to zones that the protocol does not have, and were not read.
    """

    exam: Exam
    speaking: tuple[ReadClip, ...]
    others: tuple[ReadClip, ...]
    unread: tuple[tuple[ManifestClip, BridgeError], ...]
    strangers: tuple[ManifestClip, ...]

    @property
    def summary(self) -> ExamSummary:
        """What the recordings show, without decisions."""
        taken = {each.clip.zone: taken_of(each.finding) for each in self.speaking}
        return summary_of(self.exam.states, self.exam.protocol, taken)


def replay(protocol: Protocol, clips: Iterable[ManifestClip], read: Callable[[ManifestClip, Acquisition], ClipFinding]) -> Replay:
    """Reads every clip of a zone of the protocol with `read`, which may raise BridgeError."""
    zones = {zone.id for zone in protocol.zones}
    strangers, unread, done = [], [], list[ReadClip]()
    for clip in clips:
        if clip.zone not in zones:
            strangers.append(clip)
            continue
        try:
            done.append(ReadClip(clip, read(clip, protocol.acquisition(clip.zone))))
        except BridgeError as error:
            unread.append((clip, error))
    speaking = _speaking(protocol, done)
    exam = Exam.begin(protocol)
    for each in speaking:
        exam = exam.select(each.clip.zone).keep()
    others = tuple(each for each in done if each not in speaking)
    return Replay(exam, speaking, others, tuple(unread), tuple(strangers))


def _speaking(protocol: Protocol, done: list[ReadClip]) -> tuple[ReadClip, ...]:
    """The best clip of each zone: an assessable clip first, then higher quality, then the earlier one."""
    of_zones = ([each for each in done if each.clip.zone == zone.id] for zone in protocol.zones)
    return tuple(max(each, key=lambda read: (read.finding.assessable, read.finding.quality)) for each in of_zones if each)


def taken_of(finding: ClipFinding) -> Taken:
    """What a clip that is not in the records shows."""
    every = {score.finding for score in finding.scores}
    return Taken(assessment_of(finding), tuple(FindingSummary.of(each) for each in findings_of(finding, every, finding.model)))
