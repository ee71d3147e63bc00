"""Frame, Geometry, AcquisitionSettings: the output of the bridge. All immutable."""

from dataclasses import dataclass, field, fields, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.machine import UNKNOWN_MACHINE, Machine

Grey = NDArray[np.uint8]
"""8-bit grey pixels, shape (rows, columns)."""


class Shape(str, Enum):
    """The layout of the scan lines: side by side, fanned out from an arc, or fanned out from one point (a phased array)."""

    UNKNOWN = "unknown"
    LINEAR = "linear"
    CURVILINEAR = "curvilinear"
    SECTOR = "sector"


@dataclass(frozen=True, slots=True)
class Geometry:
    """How pixels lie in tissue. `None`: the source does not state it; nothing is guessed.

    `mm_per_px` is (across, down). `apex_px` (x, y) is the centre of a curvilinear array's arc, or the point where a sector's
    lines start; it may lie outside the image. `radii_mm` (near, far) are measured from it, `angles_deg` (left, right) from
    straight down.
    """

    shape: Shape = Shape.UNKNOWN
    mm_per_px: tuple[float, float] | None = None
    apex_px: tuple[float, float] | None = None
    radii_mm: tuple[float, float] | None = None
    angles_deg: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class AcquisitionSettings:
    """The settings of the machine; `None` where the source does not state them."""

    depth_mm: float | None = None
    gain_db: float | None = None
    frequency_mhz: float | None = None
    focus_mm: float | None = None
    mechanical_index: float | None = None
    thermal_index: float | None = None
    preset: str | None = None

    def changed_by(self, asked: "AcquisitionSettings") -> "AcquisitionSettings":
        """These settings, with those that `asked` states in their place."""
        return replace(self, **{field.name: value for field in fields(asked) if (value := getattr(asked, field.name)) is not None})

    def meet(self, asked: "AcquisitionSettings") -> bool:
        """Whether each setting that `asked` states is set so."""
        return self.changed_by(asked) == self


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One image in time.

    `pixels` is a read-only (rows, columns) view of the received bytes; `captured_us` is the time on the device's clock and
    `received_ns` the host's `time.monotonic_ns()` when the frame's last byte arrived.
    """

    pixels: Grey
    sequence: int
    captured_us: int
    received_ns: int
    geometry: Geometry = field(default_factory=Geometry)
    settings: AcquisitionSettings = field(default_factory=AcquisitionSettings)
    simulated: bool = False
    machine: Machine = UNKNOWN_MACHINE

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.pixels.dtype != np.uint8:
            raise ValueError(f"a frame is 8-bit (rows, columns), not {self.pixels.dtype} {self.pixels.shape}")
        self.pixels.flags.writeable = False
