"""One clip without its patient: its frames alone, black outside the ultrasound, with geometry and settings, and no date."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edge.exam.taking.capture import Window
from edge.exchange.deidentified.pixels import NotCleanable, Pixels
from edge.exchange.dicom.frames import Part, pixels_of, survey
from edge.notice import NOTICE
from edge.vision.region import FoundBy
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from firmware_bridge.recording import RecordingWriter
from firmware_bridge.sources.base import Origin, SourceInfo

BEGINNING = (0, 0)
"""The clock of a clip begins at 0: when it was taken is a fact about its patient."""


class SimulatedInside(NotCleanable):
    """Some frames are of no patient."""

    code = "simulated-inside"


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The brightest value that each pixel of a part ever has, as recorded and as written."""

    before: Pixels
    after: Pixels


@dataclass(frozen=True, slots=True)
class WrittenClip:
    """What was written: its machine without its preset, its number of frames, and a pair for each part."""

    machine: str
    frames: int
    pairs: tuple[Pair, ...]


def write_clip(recording: Path, window: Window, path: Path) -> WrittenClip:
    """Writes the frames of a window as a new recording; once this returns it survives a power cut.

    Text that is drawn over the ultrasound itself is not found: this is why a person looks at the pairs.

    Raises:
        SimulatedInside: frames of no patient are among them.
        NotCleanable: nothing tells where the ultrasound is.
        BridgeError: the recording cannot be read.
        OSError: the disk refuses the new one.
    """
    parts = _parts(recording, window)
    machine = _plain(parts[0].shared.machine)
    cleaners = {part.number: _Cleaner(part, parts[0].times_us[0]) for part in parts}
    with path.open("xb") as file:
        writer = RecordingWriter(file, SourceInfo("", "", Origin.REPLAY, machine=machine), NOTICE, clock=BEGINNING)
        for number, (part, pixels) in enumerate(pixels_of(recording, parts)):
            writer.frame(cleaners[part.number].frame(number, pixels))
        writer.finish()
        file.flush()
        os.fsync(file.fileno())
    return WrittenClip(machine.name, sum(part.frames for part in parts), tuple(each.pair for each in cleaners.values()))


class _Cleaner:
    """Cleans the frames of one part, in order."""

    def __init__(self, part: Part, begins_us: int) -> None:
        self._part, self._begins_us = part, begins_us
        self._bits = np.negative(part.region.mask.view(np.uint8))
        self._times: Iterator[int] = iter(part.times_us)
        dark = np.zeros(part.shared.shape, np.uint8)
        self.pair = Pair(dark, dark)

    def frame(self, number: int, pixels: Pixels) -> Frame:
        clean, at_us = pixels & self._bits, next(self._times) - self._begins_us
        self.pair = Pair(np.maximum(self.pair.before, pixels), np.maximum(self.pair.after, clean))
        shared = self._part.shared
        settings = replace(shared.settings, preset=None)
        return Frame(clean, number, at_us, at_us * 1000, shared.geometry, settings, machine=_plain(shared.machine))


def _parts(recording: Path, window: Window) -> tuple[Part, ...]:
    try:
        parts = survey(recording, window).parts
    except OSError as error:
        raise SourceUnreadable(f"{recording} cannot be read ({error.strerror})", "Check the disk of the recordings") from error
    if any(part.shared.simulated for part in parts):
        raise SimulatedInside(f"{recording} has frames of no patient", "Leave this clip out")
    if any(part.region.found_by is FoundBy.NOTHING for part in parts):
        fix = "Record with a source that states its geometry, or leave this clip out"
        raise NotCleanable(f"{recording}: the ultrasound cannot be separated from what surrounds it", fix)
    return parts


def _plain(machine: Machine) -> Machine:
    """The machine without its preset, which is text that people choose."""
    return replace(machine, preset="", by_person=False)
