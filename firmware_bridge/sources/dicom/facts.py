"""What an object states in addition to its pixels: when each frame was, the scale, the machine and its settings."""

import numpy as np
from pydicom import Dataset

from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.sources.dicom.labels import numbers
from firmware_bridge.sources.recorded import UNTIMED_US
from firmware_bridge.sources.upright import PixelShape

UNITS_CM = 3  # PS3.3 C.8.5.5.1.15: physical units of a region
FORMAT_2D = 1  # PS3.3 C.8.5.5.1.1: region spatial format
JITTER = 1e-3
"""Two regions agree if their scales differ by less than this share, which is less than a pixel in any picture."""
NO_SPACING = (1.0, 1.0)
"""What a converter writes that knows no spacing."""
RATES = ("CineRate", "RecommendedDisplayFrameRate")


def times_us(dataset: Dataset, frames: int) -> list[int]:
    """The time of each frame after the first, from the first usable one of four ways to state it; a time of zero is none."""
    steps = np.asarray(numbers(dataset, "FrameTimeVector")[:frames])
    if 1 < frames == len(steps) and (steps[1:] > 0).all():
        return [round(ms * 1000) for ms in np.cumsum(steps) - steps[0]]
    step_us = _step_us(dataset)
    return [round(index * step_us) for index in range(frames)]


def _step_us(dataset: Dataset) -> float:
    for ms in numbers(dataset, "FrameTime"):
        if ms > 0:
            return ms * 1000
    for name in RATES:
        for rate in numbers(dataset, name):
            if rate > 0:
                return 1_000_000 / rate
    return UNTIMED_US


def geometry(dataset: Dataset) -> Geometry:
    """The scale that the regions state and agree on; without regions that of the pixels."""
    if regions := dataset.get("SequenceOfUltrasoundRegions"):
        return Geometry(mm_per_px=_agreed([found for region in regions if (found := _of_region(region))]))
    return Geometry(mm_per_px=_of_pixels(dataset))


def pixel_shape(dataset: Dataset) -> PixelShape:
    """The shape of a pixel where no scale tells it. PS3.3 C.7.6.3.1.7: vertical, then horizontal size."""
    ratio = numbers(dataset, "PixelAspectRatio")
    return PixelShape(ratio[1], ratio[0]) if len(ratio) == 2 else PixelShape()


def _of_region(region: Dataset) -> tuple[float, float] | None:
    """Millimetres a pixel (across, down) of a 2D region in centimetres."""
    is_2d = region.get("RegionSpatialFormat") == FORMAT_2D
    in_cm = region.get("PhysicalUnitsXDirection") == region.get("PhysicalUnitsYDirection") == UNITS_CM
    across, down = (abs(sum(numbers(region, f"PhysicalDelta{axis}"))) * 10 for axis in "XY")
    return (across, down) if is_2d and in_cm and across and down else None


def _agreed(scales: list[tuple[float, float]]) -> tuple[float, float] | None:
    if not scales or not np.allclose(scales, scales[0], rtol=JITTER, atol=0):
        return None
    return scales[0]


def _of_pixels(dataset: Dataset) -> tuple[float, float] | None:
    spacing = numbers(dataset, "PixelSpacing")
    if len(spacing) != 2 or min(spacing) <= 0 or tuple(spacing) == NO_SPACING:
        return None
    down, across = spacing
    return across, down


def machine(dataset: Dataset) -> str:
    """The maker and the model."""
    return " ".join(str(dataset[name].value) for name in ("Manufacturer", "ManufacturerModelName") if dataset.get(name))


def settings(dataset: Dataset) -> AcquisitionSettings:
    """The depth and the indices that the object states."""

    def number(name: str) -> float | None:
        return next(iter(numbers(dataset, name)), None)

    return AcquisitionSettings(
        depth_mm=number("DepthOfScanField"),
        mechanical_index=number("MechanicalIndex"),
        thermal_index=number("SoftTissueThermalIndex"),
    )
