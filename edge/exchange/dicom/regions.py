"""Where the ultrasound is in an image, and its scale: the Sequence of Ultrasound Regions (PS3.3 C.8.5.5)."""

import math

from pydicom.dataset import Dataset

from edge.vision.region import LEAST_MM_PER_PX, MOST_MM_PER_PX, FoundBy, Region
from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.scan.fan import Fan

FORMAT_2D, TISSUE, NO_FLAGS = 1, 1, 0
"""PS3.3 C.8.5.5.1.1 to C.8.5.5.1.3."""
NO_UNIT, CENTIMETRES = 0, 3
"""PS3.3 C.8.5.5.1.15. Viewers measure in centimetres only."""
MM_PER_CM, KHZ_PER_MHZ = 10, 1000


def regions_of(geometry: Geometry, region: Region, settings: AcquisitionSettings) -> list[Dataset]:
    """The region of an image, or none where neither its place nor its scale is known.

    Without a known scale the region has no unit, and its Physical Delta, which the standard demands, is 1 pixel.
    """
    scale = _scale(geometry)
    if scale is None and region.found_by is FoundBy.NOTHING:
        return []
    left, top, right, bottom = region.box
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = FORMAT_2D, TISSUE, NO_FLAGS
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right - 1, bottom - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = NO_UNIT if scale is None else CENTIMETRES
    item.PhysicalDeltaX, item.PhysicalDeltaY = scale or (1.0, 1.0)
    if (skin := _skin(geometry, region)) is not None and scale is not None:
        _set_reference(item, (skin[0] - left, skin[1] - top), scale)
    if settings.frequency_mhz is not None:
        item.TransducerFrequency = round(settings.frequency_mhz * KHZ_PER_MHZ)
    return [item]


def _scale(geometry: Geometry) -> tuple[float, float] | None:
    """Centimetres a pixel, across and down; None where the source states none, or an impossible one."""
    if geometry.mm_per_px is None or not all(LEAST_MM_PER_PX <= mm <= MOST_MM_PER_PX for mm in geometry.mm_per_px):
        return None
    across, down = geometry.mm_per_px
    return across / MM_PER_CM, down / MM_PER_CM


def _skin(geometry: Geometry, region: Region) -> tuple[float, float] | None:
    """The pixel (x, y) where the middle of the transducer touches the skin; None where it is not known."""
    if region.found_by is FoundBy.NOTHING:
        return None
    fan = Fan.of(geometry) if region.found_by is FoundBy.GEOMETRY else None
    if fan is not None:
        x, y = fan.apex_px
        return x, y + fan.radii_mm[0] / fan.mm_per_px[1]
    left, _, right, _ = region.box
    return (left + right - 1) / 2, region.depth_rows[0]


def _set_reference(item: Dataset, skin: tuple[float, float], scale: tuple[float, float]) -> None:
    """Depth and width are 0 at the skin (PS3.3 C.8.5.5.1.16). A pixel is whole, so its physical value holds the rest."""
    (x, y), (across, down) = skin, scale
    item.ReferencePixelX0, item.ReferencePixelY0 = math.floor(x), math.floor(y)
    item.ReferencePixelPhysicalValueX = (math.floor(x) - x) * across
    item.ReferencePixelPhysicalValueY = (math.floor(y) - y) * down
