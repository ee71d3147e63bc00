"""What the virtual probe plays: the simulated chest, or any file source, which stays what it is: a recording."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey
from firmware_bridge.link.header import Flags
from firmware_bridge.link.messages import SIMULATED
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import DEPTHS_MM, GAINS_DB, PRESETS, Chest

DEFAULT_RATE = 25.0
"""Frames a second where neither the user nor the recording says."""
SETTABLE = ("set-depth", "set-gain", "set-preset")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One image with what holds for it."""

    pixels: Grey
    geometry: Geometry
    settings: AcquisitionSettings
    simulated: bool


class Player(Protocol):
    """`recording` names what is replayed and is empty for a simulation.

    `flags` hold for every image; `capabilities` are those of what is played, besides the pixel format.
    """

    flags: Flags
    recording: str
    capabilities: tuple[str, ...]

    def next(self) -> Shown | None:
        """The image that is due, or None when a recording has ended."""
        ...

    def skip(self) -> None:
        """Passes over the image that is due."""
        ...

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings: ...


class ChestPlayer:
    """The simulated chest, endlessly; with `rendered` frames drawn once and played round and round, faster than they could be drawn.

    A `fixed` one stays set as it is, as probes do that know no settings from afar.
    """

    flags = Flags(0)
    recording = ""

    def __init__(self, chest: Chest, rate: float = DEFAULT_RATE, rendered: int = 0, fixed: bool = False) -> None:
        self._fixed = fixed
        self.capabilities: tuple[str, ...] = (SIMULATED,) if fixed else (*SETTABLE, SIMULATED)
        self._chest = chest
        self._rate = rate or DEFAULT_RATE
        self._count = 0
        self._render(rendered)
        chest.image(0)  # the first image is dear: drawn while nobody waits for it

    def next(self) -> Shown:
        count = self._count
        self._count += 1
        return self._rendered[count % len(self._rendered)] if self._rendered else self._show(count)

    def skip(self) -> None:
        self._count += 1

    def _render(self, frames: int) -> None:
        self._rendered = [self._show(i) for i in range(frames)]

    def _show(self, count: int) -> Shown:
        return Shown(self._chest.image(count / self._rate), self._chest.geometry, self._chest.settings, simulated=True)

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        """Depth and gain can be set, within limits, and the preset, if it is one that there is; the rest is as it is."""
        if self._fixed:
            return self._chest.settings
        depth = self._chest.depth_mm if settings.depth_mm is None else min(max(settings.depth_mm, DEPTHS_MM[0]), DEPTHS_MM[1])
        gain = self._chest.gain_db if settings.gain_db is None else min(max(settings.gain_db, GAINS_DB[0]), GAINS_DB[1])
        preset = settings.preset if settings.preset in PRESETS else self._chest.preset
        self._chest = dataclasses.replace(self._chest, depth_mm=depth, gain_db=gain, preset=preset)
        self._render(len(self._rendered))
        return self._chest.settings


class FilePlayer:
    """A recording, once or again and again."""

    flags = Flags.REPLAY

    def __init__(self, path: Path, loop: bool) -> None:
        """Opens the recording.

        Raises:
            SourceAbsent, SourceDenied, SourceUnreadable.
        """
        self._source = open_file(path, loop=loop)
        self._frames = self._source.frames()
        self.recording = path.name
        self.capabilities: tuple[str, ...] = (SIMULATED,) if self._source.info.simulated else ()

    def next(self) -> Shown | None:
        frame = next(self._frames, None)
        return None if frame is None else Shown(frame.pixels, frame.geometry, frame.settings, frame.simulated)

    def skip(self) -> None:
        next(self._frames, None)

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        return self._source.apply(settings)
