"""The content of the virtual probe: the simulated chest, or any file source, which stays marked as a recording."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey
from firmware_bridge.link.header import Flags
from firmware_bridge.link.messages import SIMULATED
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import DEPTHS_MM, GAINS_DB, PRESETS, Chest
from firmware_bridge.virtual_probe.tour import chest_at

DEFAULT_RATE = 25.0
"""Frames a second if neither the user nor the recording states them."""
SETTABLE = ("set-depth", "set-gain", "set-preset")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One image with its geometry and settings."""

    pixels: Grey
    geometry: Geometry
    settings: AcquisitionSettings
    simulated: bool


class Player(Protocol):
    """`recording` names the replayed file and is empty for a simulation; `machine` is what the replayed file states as its machine.

    `flags` hold for every image; `capabilities` belong to the content, not to its pixel format.
    """

    flags: Flags
    recording: str
    machine: str | None
    capabilities: tuple[str, ...]

    def next(self) -> Shown | None:
        """The image that is due, or None after the end of a recording."""
        ...

    def skip(self) -> None:
        """Skips the image that is due."""
        ...

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings: ...


class ChestPlayer:
    """The simulated chest, without end. `rendered` frames are drawn once and repeated, faster than new frames can be drawn.

    With `stay_s` the probe is lifted after so many seconds on a place, and put on the next. A `fixed` chest keeps its settings, like a
    probe without remote settings.
    """

    flags = Flags(0)
    recording = ""
    machine: str | None = None

    def __init__(self, chest: Chest, rate: float = DEFAULT_RATE, rendered: int = 0, fixed: bool = False, stay_s: float = 0) -> None:
        self._fixed, self._stay_s = fixed, stay_s
        self.capabilities: tuple[str, ...] = (SIMULATED,) if fixed else (*SETTABLE, SIMULATED)
        self._chest = chest
        self._rate = rate or DEFAULT_RATE
        self._count = 0
        self._repeated = rendered
        self._rendered = {place: self._show(place) for place in range(rendered)}
        chest.image(0)  # the first image is slow: it is drawn before anyone waits for it

    def next(self) -> Shown:
        count = self._count
        self._count += 1
        if not self._repeated:
            return self._show(count)
        place = count % self._repeated
        if place not in self._rendered:  # not drawn since the settings changed
            self._rendered[place] = self._show(place)
        return self._rendered[place]

    def skip(self) -> None:
        self._count += 1

    def _show(self, count: int) -> Shown:
        time_s = count / self._rate
        chest = chest_at(self._chest, time_s, self._stay_s) if self._stay_s else self._chest
        return Shown(chest.image(time_s), chest.geometry, chest.settings, simulated=True)

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Sets depth and gain within their limits, and a known preset; all other settings stay unchanged."""
        if self._fixed:
            return self._chest.settings
        depth = self._chest.depth_mm if settings.depth_mm is None else min(max(settings.depth_mm, DEPTHS_MM[0]), DEPTHS_MM[1])
        gain = self._chest.gain_db if settings.gain_db is None else min(max(settings.gain_db, GAINS_DB[0]), GAINS_DB[1])
        preset = settings.preset if settings.preset in PRESETS else self._chest.preset
        self._chest = dataclasses.replace(self._chest, depth_mm=depth, gain_db=gain, preset=preset)
        self._rendered.clear()
        return self._chest.settings


class FilePlayer:
    """A recording, played once or repeated. Before each repeat, `air_frames` black frames stand for a probe that is lifted."""

    flags = Flags.REPLAY

    def __init__(self, path: Path, loop: bool, air_frames: int = 0) -> None:
        """Opens the recording.

        Raises:
            SourceAbsent, SourceDenied, SourceUnreadable.
        """
        self._path, self._loop, self._air_frames = path, loop, air_frames
        self._open()
        self.recording = path.name
        self.machine: str | None = self._source.info.machine.name
        self.capabilities: tuple[str, ...] = (SIMULATED,) if self._source.info.simulated else ()

    def _open(self) -> None:
        self._source = open_file(self._path, loop=self._loop and not self._air_frames)
        self._frames = self._source.frames()
        self._last: Shown | None = None
        self._air_left = self._air_frames

    def next(self) -> Shown | None:
        frame = next(self._frames, None)
        if frame is not None:
            self._last = Shown(frame.pixels, frame.geometry, frame.settings, frame.simulated)
            return self._last
        if self._last is None or not (self._loop and self._air_frames):
            return None
        if not self._air_left:
            self._open()
            return self.next()
        self._air_left -= 1
        return dataclasses.replace(self._last, pixels=np.zeros_like(self._last.pixels))

    def skip(self) -> None:
        self.next()

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        return self._source.apply(settings)
