import numpy as np
import pytest

from edge.vision.field import field_of
from edge.vision.region import RegionFinder
from edge.vision.texture import DEPTHS, FEATURES, RINGS, SIDE, picture_of, texture
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.virtual_probe.chest import Chest

POWERS = 2 * (len(RINGS) - 1)


def waves(down, across):
    """Grey that waves so many times from top to bottom, and from left to right."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
    return (128 + 100 * np.sin(2 * np.pi * (down * rows + across * columns))).astype(np.uint8)


@pytest.mark.parametrize("cycles", [10, 20, 36, 60])
@pytest.mark.parametrize("direction", [0, 1])
def test_the_power_is_at_the_frequency_and_in_the_direction_of_the_waves(cycles, direction):
    features = texture(waves(*((0, cycles) if direction == 0 else (cycles, 0))))
    ring = np.digitize(cycles / SIDE, RINGS) - 1
    assert features[:POWERS].argmax() == 2 * ring + direction


def test_each_band_of_depth_has_its_own_figures():
    picture = np.zeros((SIDE, SIDE), np.uint8)
    picture[: SIDE // DEPTHS] = 64
    bands = texture(picture)[-5 * DEPTHS :].reshape(DEPTHS, 5)
    assert bands[:, 2].tolist() == [1, 0, 0, 0]
    assert bands[:, 4].tolist() == [0, 1, 1, 1]


def test_a_black_picture_has_a_finite_texture():
    features = texture(np.zeros((SIDE, SIDE), np.uint8))
    assert features.shape == (FEATURES,)
    assert np.isfinite(features).all()


def test_a_stated_scale_does_not_change_the_measured_picture():
    chest = Chest(2, size=240)
    frames = [Frame(chest.image(0.0), 0, 0, 0, geometry) for geometry in (Geometry(), chest.geometry)]
    measured = [picture_of(frame.pixels, RegionFinder().find(frame)) for frame in frames]
    fields = [field_of(frame.geometry, RegionFinder().find(frame)) for frame in frames]
    assert fields[0] != fields[1]
    assert np.array_equal(*measured)
