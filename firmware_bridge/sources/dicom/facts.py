"""What an object states in addition to its pixels: when each frame was, the scale, the machine and its settings."""

from collections.abc import Iterable, Iterator

import numpy as np
from pydicom import Dataset

from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.machine import Machine
from firmware_bridge.sources.dicom.labels import numbers
from firmware_bridge.sources.recorded import UNTIMED_US
from firmware_bridge.sources.upright import PixelShape

UNITS_CM = 3  # PS3.3 C.8.5.5.1.15: physical units of a region
FORMAT_2D = 1  # PS3.3 C.8.5.5.1.1: region spatial format
JITTER = 1e-3
"""Two regions agree if their scales differ by less than this share, which is less than a pixel in any picture."""
NO_SPACING = (1.0, 1.0)
"""What a converter writes that knows no spacing."""
ACQUISITION_EQUIPMENT = ("109101", "DCM")
"""The purpose of equipment that made the images (PS3.16 CID 7005)."""
NO_TRANSDUCER = "UNUSED"
"""What some machines write for a connector without a transducer."""
RATES = ("CineRate", "RecommendedDisplayFrameRate")
FRAME_TIME = 0x00181063
"""The tag of FrameTime; the attribute that FrameIncrementPointer names counts before any other one."""
GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")

Scale = tuple[float, float]
"""Millimetres a pixel, across and down."""


def times_us(dataset: Dataset, frames: int) -> list[int]:
    """The time of each frame after the first, from the first usable one of four ways to state it; a time of zero is none."""
    even = dataset.get("FrameIncrementPointer") == FRAME_TIME and numbers(dataset, "FrameTime") > [0]
    steps = np.asarray([] if even else numbers(dataset, "FrameTimeVector")[:frames])
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
    return Geometry(mm_per_px=_agreed(_of_regions(dataset) if dataset.get("SequenceOfUltrasoundRegions") else _of_pixels(dataset)))


def pixel_shape(dataset: Dataset) -> PixelShape:
    """The shape of a pixel where no scale tells it.

    Regions of several scales may share one shape; else it is that of the pixels' spacing, else PixelAspectRatio, which PS3.3 C.7.6.3.1.7
    defines as the vertical, then the horizontal size.
    """
    shapes = [(across / down, 1.0) for across, down in _of_regions(dataset) or _of_pixels(dataset)]
    if shape := _agreed(shapes):
        return PixelShape(*shape)
    ratio = numbers(dataset, "PixelAspectRatio")
    return PixelShape(ratio[1], ratio[0]) if len(ratio) == 2 else PixelShape()


def _of_regions(dataset: Dataset) -> list[Scale]:
    return [found for region in dataset.get("SequenceOfUltrasoundRegions") or () if (found := _of_region(region))]


def _of_region(region: Dataset) -> Scale | None:
    """The scale of a 2D region in centimetres."""
    is_2d = region.get("RegionSpatialFormat") == FORMAT_2D
    in_cm = region.get("PhysicalUnitsXDirection") == region.get("PhysicalUnitsYDirection") == UNITS_CM
    across, down = (abs(sum(numbers(region, f"PhysicalDelta{axis}"))) * 10 for axis in "XY")
    return (across, down) if is_2d and in_cm and across and down else None


def _agreed(scales: list[Scale]) -> Scale | None:
    if not scales or not np.allclose(scales, scales[0], rtol=JITTER, atol=0):
        return None
    return scales[0]


def _of_pixels(dataset: Dataset) -> list[Scale]:
    return [found for measures in _measures(dataset) if (found := _of_spacing(measures))]


def _measures(dataset: Dataset) -> Iterator[Dataset]:
    """What may hold PixelSpacing: the object, and its functional groups for all frames and for each one (PS3.3 C.7.6.16.2.1)."""
    yield dataset
    for name in GROUPS:
        for group in dataset.get(name) or ():
            yield from group.get("PixelMeasuresSequence") or ()


def _of_spacing(measures: Dataset) -> Scale | None:
    spacing = numbers(measures, "PixelSpacing")
    if len(spacing) != 2 or min(spacing) <= 0 or tuple(spacing) == NO_SPACING:
        return None
    down, across = spacing
    return across, down


def machine(dataset: Dataset) -> Machine:
    """The maker, the model, and the first transducer that was in use.

    An object that another program made of a recording names the scanner as equipment that contributed, and itself as the maker.
    """
    made_by = _scanner(dataset)
    maker, model = (str(made_by.get(name) or "") for name in ("Manufacturer", "ManufacturerModelName"))
    probes = dataset.get("TransducerData") or ""
    listed = [probes] if isinstance(probes, str) else probes
    probe = next((str(each) for each in listed if each and each != NO_TRANSDUCER), "")
    return Machine("" if maker == model else maker, model, probe)


def _scanner(dataset: Dataset) -> Dataset:
    items: Iterable[Dataset] = dataset.get("ContributingEquipmentSequence") or ()
    for item in items:
        purposes = item.get("PurposeOfReferenceCodeSequence") or ()
        if any((each.get("CodeValue"), each.get("CodingSchemeDesignator")) == ACQUISITION_EQUIPMENT for each in purposes):
            return item
    return dataset


def settings(dataset: Dataset) -> AcquisitionSettings:
    """The depth and the indices that the object states."""

    def number(name: str) -> float | None:
        return next(iter(numbers(dataset, name)), None)

    return AcquisitionSettings(
        depth_mm=number("DepthOfScanField"),
        mechanical_index=number("MechanicalIndex"),
        thermal_index=number("SoftTissueThermalIndex"),
    )
