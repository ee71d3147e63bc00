"""Recordings of one patient, read as an exam: each zone by its best clip."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.exam.clip import ClipFinding
from edge.exam.exam import Exam
from edge.exam.manifest import ManifestClip
from edge.exam.protocol.protocol import Acquisition, Protocol
from firmware_bridge.errors import BridgeError


@dataclass(frozen=True, slots=True)
class ReadClip:
    clip: ManifestClip
    finding: ClipFinding


@dataclass(frozen=True, slots=True)
class Replay:
    """`speaking` holds the clip that each zone's answer comes from; `others` are of zones that had a better one.

    `unread` could not be read, and why; `strangers` are of zones that the protocol does not have, and were not read.
    """

    exam: Exam
    speaking: tuple[ReadClip, ...]
    others: tuple[ReadClip, ...]
    unread: tuple[tuple[ManifestClip, BridgeError], ...]
    strangers: tuple[ManifestClip, ...]


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
        exam = exam.select(each.clip.zone).keep(each.finding)
    others = tuple(each for each in done if each not in speaking)
    return Replay(exam, speaking, others, tuple(unread), tuple(strangers))


def _speaking(protocol: Protocol, done: list[ReadClip]) -> tuple[ReadClip, ...]:
    """The best clip of each zone that has one: assessable before not, then by quality, then the earlier."""
    of_zones = ([each for each in done if each.clip.zone == zone.id] for zone in protocol.zones)
    return tuple(max(each, key=lambda read: (read.finding.assessable, read.finding.quality)) for each in of_zones if each)
