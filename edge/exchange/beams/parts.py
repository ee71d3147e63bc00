"""The parts of a clip that have one geometry each, as lines: a file of lines has one geometry for all its frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from edge.exam.taking.capture import Window
from edge.exchange.beams.inverse import InverseConverter
from edge.exchange.dicom import frames
from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey, Shape
from firmware_bridge.scan.fan import Fan

US_PER_S = 1_000_000
WHOLE = np.uint8(255)
"""The bits of a pixel that stays."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Parts of the recording at `path` that share everything, as lines that are converted while they are taken."""

    path: Path
    parts: tuple[frames.Part, ...]

    @property
    def shared(self) -> frames.Sameness:
        return self.parts[0].shared

    @property
    def geometry(self) -> Geometry:
        return self.shared.geometry

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns) of the images."""
        return self.shared.shape

    @property
    def settings(self) -> AcquisitionSettings:
        return self.shared.settings

    @property
    def spacing_mm(self) -> tuple[float, float] | None:
        """Across the beams and along the samples; None for a fan, whose lines have no common distance, and where no scale is stated."""
        return None if Fan.of(self.geometry) is not None else self.geometry.mm_per_px

    @property
    def scanner(self) -> str:
        """Maker and model of the machine; no serial number."""
        return self.shared.machine.scanner

    @property
    def seconds(self) -> tuple[float, ...]:
        """The time of each frame after the first, on the clock of the probe."""
        times_us = [time_us for part in self.parts for time_us in part.times_us]
        return tuple((time_us - times_us[0]) / US_PER_S for time_us in times_us)

    def converter(self) -> InverseConverter:
        """The map for its frames.

        Raises:
            NoBeams: its geometry gives no lines.
        """
        return InverseConverter(self.geometry, *self.size)

    def converted(self, converter: InverseConverter) -> Iterator[Grey]:
        """Its frames as (beams, samples), one by one. The lines of a fan begin and end in it; around a linear image all is black.

        Raises:
            BridgeError: the recording cannot be read.
        """
        bits = np.negative(self.parts[-1].region.mask.view(np.uint8)) if self.geometry.shape is Shape.LINEAR else WHOLE
        return (converter.convert(pixels & bits) for _, pixels in frames.pixels_of(self.path, self.parts))


def lines_of(path: Path, window: Window) -> tuple[tuple[Lines, ...], str]:
    """The lines of a clip, apart where geometry, settings or machine change, and what of it cannot be read, in words.

    Raises:
        BridgeError, OSError: nothing of it can be read.
    """
    found = frames.survey(path, window)
    alike = groupby(found.parts, key=lambda part: part.shared.key)
    return tuple(Lines(path, tuple(parts)) for _, parts in alike), found.lost
