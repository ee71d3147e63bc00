import numpy as np
import pytest
from pydicom import Dataset

from edge.exchange.dicom.regions import regions_of
from edge.vision.region import FoundBy, RegionFinder
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Shape
from firmware_bridge.sources.dicom import facts
from firmware_bridge.virtual_probe.chest import Chest
from tests.edge.exchange.dicom.made import FAN

SETTINGS = AcquisitionSettings(frequency_mhz=3.5)
BLANK = np.zeros((48, 64), np.uint8)


def item(geometry, pixels=BLANK, settings=SETTINGS):
    region = RegionFinder().find(Frame(pixels, 0, 0, 0, geometry))
    return region, regions_of(geometry, region, settings)


def physical(found, x, y):
    """Centimetres at a pixel (x, y) of the image, as a viewer computes them (PS3.3 C.8.5.5.1.16)."""
    left, top = found.RegionLocationMinX0, found.RegionLocationMinY0
    return (
        (x - left - found.ReferencePixelX0) * found.PhysicalDeltaX + found.ReferencePixelPhysicalValueX,
        (y - top - found.ReferencePixelY0) * found.PhysicalDeltaY + found.ReferencePixelPhysicalValueY,
    )


def test_a_fan_is_measured_in_centimetres_from_the_skin():
    region, [found] = item(FAN)
    assert region.found_by is FoundBy.GEOMETRY
    assert found.PhysicalUnitsXDirection == found.PhysicalUnitsYDirection == 3
    assert physical(found, 31.5, 9.75) == pytest.approx((0, 0))
    assert physical(found, 41.5, 49.75) == pytest.approx((0.5, 2.0))


def test_the_region_is_the_box_of_the_ultrasound():
    region, [found] = item(FAN)
    left, top, right, bottom = region.box
    assert (found.RegionLocationMinX0, found.RegionLocationMinY0) == (left, top)
    assert (found.RegionLocationMaxX1, found.RegionLocationMaxY1) == (right - 1, bottom - 1)


def test_the_scale_is_read_back_exactly():
    dataset = Dataset()
    dataset.SequenceOfUltrasoundRegions = item(FAN)[1]
    assert facts.geometry(dataset).mm_per_px == pytest.approx(FAN.mm_per_px, abs=1e-12)


def test_a_scale_without_a_fan_holds_for_the_whole_image_and_names_no_skin():
    _, [found] = item(Geometry(Shape.LINEAR, (0.1, 0.2)))
    assert (found.RegionLocationMaxX1, found.RegionLocationMaxY1) == (63, 47)
    assert (found.PhysicalDeltaX, found.PhysicalDeltaY) == pytest.approx((0.01, 0.02))
    assert "ReferencePixelX0" not in found


def test_a_region_that_only_the_pixels_show_has_no_unit():
    region, [found] = item(Geometry(), Chest(6, size=350).image(0))
    assert region.found_by is FoundBy.PIXELS
    assert found.PhysicalUnitsXDirection == found.PhysicalUnitsYDirection == 0
    assert (found.PhysicalDeltaX, found.PhysicalDeltaY) == (1, 1)
    assert "ReferencePixelX0" not in found


@pytest.mark.parametrize("geometry", [Geometry(), Geometry(mm_per_px=(float("nan"), 0.2)), Geometry(mm_per_px=(-0.1, 0.2))])
def test_without_place_and_scale_there_is_no_region(geometry):
    assert item(geometry)[1] == []


def test_the_frequency_is_in_kilohertz_and_is_left_out_where_it_is_unknown():
    assert item(FAN)[1][0].TransducerFrequency == 3500
    assert "TransducerFrequency" not in item(FAN, settings=AcquisitionSettings())[1][0]
