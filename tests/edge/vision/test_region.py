import numpy as np
import pytest
from PIL import Image, ImageDraw

from edge.vision.region import GENERATION, FoundBy, RegionFinder, overlap, region_of, tells_region
from firmware_bridge.frame import Frame, Geometry, Shape
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=240)
PICTURES = [CHEST.image(number / 5) for number in range(6)]
FAN = region_of(CHEST.geometry, 240, 240)


def frame(pixels, geometry=None):
    return Frame(np.array(pixels), 0, 0, 0, geometry or Geometry())


def regions(pictures, finder=None):
    finder = finder or RegionFinder()
    return [finder.find(frame(pixels)) for pixels in pictures]


def test_a_geometry_is_believed():
    region = RegionFinder().find(frame(np.zeros((240, 240), np.uint8), CHEST.geometry))
    assert region.found_by is FoundBy.GEOMETRY
    assert overlap(region.mask, FAN.mask) == 1


def test_without_one_the_pixels_show_the_same():
    region = regions(PICTURES)[-1]
    assert region.found_by is FoundBy.PIXELS
    assert overlap(region.mask, FAN.mask) > 0.95


def test_its_border_surrounds_the_ultrasound_and_nothing_else():
    drawn = Image.new("1", (240, 240))
    ImageDraw.Draw(drawn).polygon(FAN.border, fill=1)
    assert overlap(np.array(drawn), FAN.mask) > 0.98
    whole = RegionFinder().find(frame(np.zeros((30, 50), np.uint8)))
    assert (min(whole.border), max(whole.border)) == ((0, 0), (49, 30))


def test_it_does_not_flicker():
    found = regions(PICTURES * 8)
    assert len({id(region) for region in found[8:]}) == 1


def test_text_outside_is_gone_and_the_image_is_as_it_was():
    image = Image.new("L", (400, 300))
    image.paste(Image.fromarray(PICTURES[0]), (80, 30))
    ImageDraw.Draw(image).text((4, 4), "DOE^JANE 1970-01-01", fill=255)
    named = np.array(image)
    clean = RegionFinder().find(frame(named)).cleaned(frame(named)).pixels
    assert not clean[:20, :75].any()
    assert (clean[60:240, 170:230] == named[60:240, 170:230]).all()


def test_another_depth_is_seen_once_the_last_one_is_forgotten():
    deeper = Chest(2, size=240, depth_mm=200)
    finder = RegionFinder()
    regions(PICTURES * 2, finder)
    found = regions([deeper.image(number / 5) for number in range(6)] * (GENERATION // 2), finder)[-1]
    assert overlap(found.mask, region_of(deeper.geometry, 240, 240).mask) > 0.95


def test_a_picture_of_another_size_is_another_clip():
    finder = RegionFinder()
    regions(PICTURES, finder)
    smaller = finder.find(frame(PICTURES[0][:200]))
    assert smaller.mask.shape == (200, 240)


@pytest.mark.parametrize(
    "pixels", [np.zeros((1, 1), np.uint8), np.full((50, 60), 128, np.uint8), np.zeros((50, 60), np.uint8)], ids=["1x1", "grey", "black"]
)
def test_where_nothing_is_found_the_whole_frame_is_taken_and_that_is_stated(pixels):
    region = regions([pixels])[0]
    assert region.found_by is FoundBy.NOTHING
    assert region.mask.all()


@pytest.mark.parametrize(
    "geometry",
    [
        Geometry(Shape.CURVILINEAR, (0.5, 0.5), (5000.0, 5000.0), (1.0, 2.0), (-1.0, 1.0)),
        Geometry(Shape.CURVILINEAR, (0.5, 0.5), (float("nan"), 0.0), (1.0, 2.0), (-1.0, 1.0)),
    ],
    ids=["elsewhere", "nan"],
)
def test_a_geometry_that_makes_no_sense_is_not_believed(geometry):
    assert tells_region(geometry)
    region = RegionFinder().find(frame(PICTURES[0], geometry))
    assert region.found_by is FoundBy.PIXELS


def test_a_geometry_without_a_fan_tells_no_region():
    assert not tells_region(Geometry(Shape.LINEAR, (0.1, 0.1)))
    with pytest.raises(ValueError, match="without a fan"):
        region_of(Geometry(Shape.LINEAR, (0.1, 0.1)), 10, 10)
