"""A simulated chest in beam space: wall, ribs with shadows, a pleural line that slides, A-lines and B-lines.

The picture follows the signs of lung ultrasound (Lichtenstein, Ann. Intensive Care 2014;4:1): below the pleura no tissue is visible,
only A-lines and B-lines. A-lines repeat the pleural line at multiples of its depth. B-lines start at the pleural line, move with it,
erase A-lines and reach the bottom.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey, Shape
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.convert import ScanConverter
from firmware_bridge.virtual_probe.faults import Faults
from firmware_bridge.virtual_probe.tissue import KEPT, LINES, tissue

Field: TypeAlias = NDArray[np.floating]

SAMPLE_MM = 0.3125
"""The distance of the samples along a line: the picture depends on the place in the tissue, not on the depth setting."""
RADIUS_MM, HALF_ANGLE_DEG = 60.0, 31.0
LINE_MM = RADIUS_MM * math.radians(2 * HALF_ANGLE_DEG) / LINES
BREATH_S, SLIDE_LINES, DESCENT_MM = 4.0, 6.0, 1.2
"""One breath in seconds, and the movement of the pleura in it, sideways (lines) and downwards (mm)."""
DYNAMIC_RANGE_DB, REFERENCE_GAIN_DB, REFERENCE_DEPTH_MM = 58.0, 60.0, 140.0
DEPTHS_MM, GAINS_DB, PRESETS = (60.0, 240.0), (10.0, 90.0), ("lung", "abdomen", "cardiac", "vascular")
"""The settings that the simulated probe accepts."""
NOISE = 0.0016
"""Amplitude of the electronic noise, relative to full scale: below an array in air, only noise is visible."""
PLEURA_MM, RIB_MM, WALL_LAYERS_MM = 27.0, 20.0, (3.0, 8.5, 14.0, 19.0)
RIBS = (-0.74, 0.74)
"""The places of the ribs across the fan (-1 left edge, 1 right edge)."""
SCENARIO = (0, 1, 3, 6)
SCENARIO_S = 6.0
"""Without a fixed number: these numbers of B-lines in turn, each for this time in seconds."""
B_LINE_PLACES = (0.05, -0.38, 0.42, -0.16, 0.26, -0.52, 0.55, -0.28)


@dataclass(frozen=True)
class Chest:
    """One simulated patient with one probe setting; the same seed and time give the same image.

    With `b_lines` None the number changes with time; `size` is the side of the square image in pixels.
    """

    b_lines: int | None = None
    depth_mm: float = REFERENCE_DEPTH_MM
    gain_db: float = REFERENCE_GAIN_DB
    size: int = 350
    seed: int = 1
    preset: str = "lung"
    faults: Faults = field(default_factory=Faults)

    @property
    def geometry(self) -> Geometry:
        """The geometry that the probe states; empty where its picture is not ultrasound."""
        return Geometry() if self.faults.foreign else self._fan

    @cached_property
    def _fan(self) -> Geometry:
        far = RADIUS_MM + self.depth_mm
        top = RADIUS_MM * np.cos(np.radians(HALF_ANGLE_DEG))
        mm_per_px = max(far - top, 2 * far * np.sin(np.radians(HALF_ANGLE_DEG))) / (self.size - 1)
        apex = ((self.size - 1) / 2, -top / mm_per_px)
        return Geometry(Shape.CURVILINEAR, (mm_per_px, mm_per_px), apex, (RADIUS_MM, far), (-HALF_ANGLE_DEG, HALF_ANGLE_DEG))

    @property
    def samples(self) -> int:
        """The number of samples along a line."""
        return round(self.depth_mm / SAMPLE_MM)

    @property
    def settings(self) -> AcquisitionSettings:
        return AcquisitionSettings(
            depth_mm=self.depth_mm, gain_db=self.gain_db, frequency_mhz=3.5, focus_mm=PLEURA_MM, mechanical_index=0.7, preset=self.preset
        )

    def image(self, time_s: float) -> Grey:
        """The grey image (size, size) at one time."""
        return self.faults.picture(self.converted(self.beam_lines(time_s)))

    def converted(self, lines: Grey) -> Grey:
        """The grey image (size, size) of log-compressed lines (LINES, samples)."""
        return _converter(self._fan, self.samples, self.size).convert(lines)

    def beam_lines(self, time_s: float) -> Grey:
        """The log-compressed lines (LINES, samples) at one time."""
        time_s = 0.0 if self.faults.frozen else time_s
        breath = math.sin(2 * math.pi * time_s / BREATH_S)  # of Python: a number of numpy would make everything twice as wide
        slide = SLIDE_LINES * breath
        pleura = PLEURA_MM + DESCENT_MM * breath + self._pleural_shape
        depth = self._depth
        above = depth < pleura
        moved = self._moved(round(slide), int(time_s * 90))
        echo = np.where(above, self._wall, self._lung(time_s, pleura, slide) * moved)
        echo += 0.9 * _line(depth, pleura, 0.55) * np.roll(tissue(self.seed).pleura, round(slide), 0)
        echo *= self._rib_shadow
        echo += self._ribs
        if self.faults.sweep_mm_s:
            echo = np.roll(echo, round(self.faults.sweep_mm_s * time_s / LINE_MM), 0)
        echo = self.faults.echo(echo, depth, LINE_MM, moved)
        gain = 10 ** ((self.gain_db - REFERENCE_GAIN_DB) / 20)
        return to_grey(echo * gain + self._noise(time_s), DYNAMIC_RANGE_DB, full_scale=1.0)

    def b_lines_at(self, time_s: float) -> int:
        return self.b_lines if self.b_lines is not None else SCENARIO[int(time_s / SCENARIO_S) % len(SCENARIO)]

    def _lung(self, time_s: float, pleura: Field, slide: float) -> Field:
        """The echoes below the pleura, before speckle."""
        below = np.maximum(self._depth - pleura, 0)
        haze = 0.05 * np.exp(-below / 28)
        wanted = self.b_lines_at(time_s)
        b_lines = np.zeros((LINES, 1), np.float32)
        for place in B_LINE_PLACES[:wanted]:
            centre = (place + 1) / 2 * (LINES - 1) + slide
            b_lines += np.exp(-(((self._line_index - centre) / 2.3) ** 2))
        a_lines = np.sum([0.4 * 0.55**n * _line(self._depth, (n + 1) * pleura, 0.9) for n in range(1, 5)], axis=0)
        laddered = 0.3 * np.exp(-below / 160) * (0.8 + 0.2 * np.cos(2 * np.pi * below / 3.1))
        clear = np.clip(1 - b_lines, 0, 1) * (0.35 if wanted >= 5 else 1.0)
        lung: Field = haze + a_lines * clear + np.minimum(b_lines, 1) * laddered
        return lung

    def _noise(self, time_s: float) -> Field:
        noise: Field = NOISE * self._moved(int(time_s * 611), int(time_s * 977))
        return noise

    def _moved(self, lines: int, samples: int) -> Field:
        """The speckle after this movement."""
        return np.roll(tissue(self.seed).lung, (lines, samples), (0, 1))[:, : self.samples]

    @cached_property
    def _depth(self) -> Field:
        return np.linspace(0, self.depth_mm, self.samples, dtype=np.float32)[None, :]

    @cached_property
    def _line_index(self) -> Field:
        return np.arange(LINES, dtype=np.float32)[:, None]

    @cached_property
    def _across(self) -> Field:
        return np.linspace(-1, 1, LINES, dtype=np.float32)[:, None]

    @cached_property
    def _pleural_shape(self) -> Field:
        shape: Field = 1.6 * self._across**2 + 0.4 * np.sin(5 * self._across)
        return shape

    @cached_property
    def _wall(self) -> Field:
        """Skin, fat and muscle with their fasciae, with speckle."""
        depth, bend = self._depth, 0.8 * np.sin(3 * self._across + 1)
        muscle = 0.07 + 0.05 * np.sin(depth / 2.1 + 2 * self._across) ** 2
        fasciae = np.sum([0.28 * _line(depth, layer + bend * layer / 20, 0.5) for layer in WALL_LAYERS_MM], axis=0)
        skin = 0.8 * np.exp(-depth / 1.1)
        wall: Field = (muscle + fasciae) * tissue(self.seed).wall[:, : self.samples] + skin
        return wall

    @cached_property
    def _rib_cover(self) -> Field:
        """1 where a rib stops the beam, (LINES, 1)."""
        cover: Field = np.max([_step((0.13 - np.abs(self._across - rib)) * 60) for rib in RIBS], axis=0)
        return cover

    @cached_property
    def _rib_depth(self) -> Field:
        """The rounded upper surface of the ribs in mm, (LINES, 1)."""
        nearest = np.min([np.abs(self._across - rib) for rib in RIBS], axis=0)
        depth: Field = RIB_MM + 40 * nearest**2 * (nearest < 0.3)
        return depth

    @cached_property
    def _rib_shadow(self) -> Field:
        behind = _step((self._depth - self._rib_depth) * 3)
        shadow: Field = 1 - 0.97 * self._rib_cover * behind
        return shadow

    @cached_property
    def _ribs(self) -> Field:
        ribs: Field = 0.7 * self._rib_cover * _line(self._depth, self._rib_depth, 0.8)
        return ribs


@lru_cache(KEPT)
def _converter(fan: Geometry, samples: int, size: int) -> ScanConverter:
    """Made once for a depth, and not again for each gain."""
    return ScanConverter(fan, LINES, samples, size, size)


def _step(x: Field) -> Field:
    """From 0 to 1 around x = 0, smoothly."""
    step: Field = 0.5 + 0.5 * np.tanh(x / 2)
    return step


def _line(depth: Field, at: Field | float, thickness: float) -> Field:
    """A bright line of `thickness` mm at a depth of `at` mm."""
    line: Field = np.exp(-(((depth - at) / thickness) ** 2))
    return line
