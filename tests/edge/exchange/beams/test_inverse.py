"""Inverse scan conversion finds each point within a tenth of a pixel of its place."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.exchange.beams.inverse import InverseConverter, NoBeams
from firmware_bridge.frame import Geometry, Shape
from firmware_bridge.scan.convert import ScanConverter
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest

SPOT_PX = 2.5
"""The width (one sigma) of a spot in the image, in pixels."""
MOST_PX = 0.1


def fan(mm_per_px, near, depth, half, size=160):
    """A fan that fills an image of `size` columns, and its rows."""
    far = near + depth
    top = near * math.cos(math.radians(half))
    apex = ((size - 1) / 2, -top / mm_per_px)
    rows = math.ceil((far - top) / mm_per_px) + 1
    shape = Shape.CURVILINEAR if near else Shape.SECTOR
    return Geometry(shape, (mm_per_px, mm_per_px), apex, (near, far), (-half, half)), rows, size


@st.composite
def fans(draw):
    half, near, depth = draw(st.floats(10, 55)), draw(st.sampled_from([0.0, 10.0, 40.0, 60.0])), draw(st.floats(40, 200))
    size = draw(st.integers(120, 260))
    mm_per_px = 2 * (near + depth) * math.sin(math.radians(half)) / (size - 1)
    made = fan(mm_per_px, near, depth, half, size)
    assume(made[1] <= 700)
    return made


def spot_lines(converter, geometry, share):
    """Lines with one spot, as wide as `SPOT_PX` in the image, at a share of the beams and of the samples; and its place."""
    beams, samples = converter.shape
    (near, far), (left, right) = geometry.radii_mm, geometry.angles_deg
    beam, sample = share[0] * (beams - 1), share[1] * (samples - 1)
    radius = near + sample * (far - near) / (samples - 1)
    sigma = SPOT_PX * geometry.mm_per_px[0]
    along = (np.arange(samples) - sample) * (far - near) / (samples - 1) / sigma
    across = (np.arange(beams) - beam) * math.radians(right - left) / (beams - 1) * radius / sigma
    return np.round(250 * np.exp(-(across[:, None] ** 2 + along**2) / 2)).astype(np.uint8), (beam, sample), radius


def centre(lines):
    weights = lines.astype(float)
    beams, samples = np.indices(lines.shape)
    return (beams * weights).sum() / weights.sum(), (samples * weights).sum() / weights.sum()


def error_px(geometry, rows, columns, share, moved=0.0):
    """How far from its place a spot comes back, in pixels of the image; `moved` pixels are added to the apex that the inverse knows."""
    across, down = geometry.apex_px
    inverse = InverseConverter(replace(geometry, apex_px=(across, down + moved)), rows, columns)
    (near, far), (left, right) = geometry.radii_mm, geometry.angles_deg
    lines, _, radius = spot_lines(inverse, geometry, share)
    back = inverse.convert(ScanConverter(geometry, *inverse.shape, rows, columns).convert(lines))
    (beam, sample), (was_beam, was_sample) = centre(back), centre(lines)
    along = (sample - was_sample) * (far - near) / (inverse.shape[1] - 1)
    across = (beam - was_beam) * math.radians(right - left) / (inverse.shape[0] - 1) * radius
    return math.hypot(along, across) / geometry.mm_per_px[0]


@settings(max_examples=40, deadline=None)
@given(made=fans(), share=st.tuples(st.floats(0.2, 0.8), st.floats(0.35, 0.85)))
def test_a_spot_is_found_within_a_tenth_of_a_pixel_in_any_fan(made, share):
    assert error_px(*made, share) < MOST_PX


def test_an_apex_that_is_a_pixel_off_is_noticed():
    assert error_px(*fan(0.5, 40, 60, 30, 200), (0.5, 0.5), moved=1.0) == pytest.approx(1.0, abs=0.1)


def test_the_simulated_chest_comes_back_as_its_lines():
    chest = Chest(3, size=350)
    lines = chest.beam_lines(0.4)
    image = chest.converted(lines)
    back = InverseConverter(chest.geometry, 350, 350, *lines.shape).convert(image)
    differ = np.abs(back.astype(int) - lines)
    assert np.mean(differ) < 12
    assert np.corrcoef(back.ravel(), lines.ravel())[0, 1] > 0.9


def test_what_plus_converted_comes_back_as_the_lines_it_had_within_half_a_pixel(data_folder):
    """A real fan: 96 lines of 3640 samples of 0.02 mm, converted by PLUS to pixels of 0.15 mm."""
    folder = data_folder / "plus_scanconv"
    lines, image = (picture(folder / f"UltrasonixCurvilinear{name}.igs.mha") for name in ("BrightnessData", "ScanConvertedData"))
    geometry = Geometry(Shape.CURVILINEAR, (0.15, 0.15), (410.0, 87 - 10 / 0.15), (10.0, 82.0), (-75.0, 75.0))
    back = InverseConverter(geometry, *image.shape, 96, 3640).convert(image)[8:-8, 100:-100]
    smooth = np.apply_along_axis(np.convolve, 1, lines.T.astype(float), np.ones(8) / 8, "same")

    def likeness(beams, samples):
        part = smooth[8 + beams : len(smooth) - 8 + beams, 100 + samples : smooth.shape[1] - 100 + samples]
        return np.corrcoef(back.ravel(), part.ravel())[0, 1]

    assert max(range(-2, 3), key=lambda beams: likeness(beams, 0)) == 0
    best = max(range(-9, 10), key=lambda samples: likeness(0, samples))
    assert abs(best) * (82 - 10) / 3639 < 0.5 * 0.15
    assert likeness(0, best) > 0.93


def picture(path):
    with open_file(path) as source:
        return next(source.frames()).pixels


def test_a_linear_image_comes_back_exactly_where_each_pixel_is_a_sample():
    geometry = Geometry(Shape.LINEAR, (0.3, 0.1))
    image = np.random.default_rng(1).integers(0, 256, (50, 40)).astype(np.uint8)
    inverse = InverseConverter(geometry, 50, 40)
    assert inverse.shape == (40, 50)
    assert np.array_equal(inverse.convert(image), image.T)
    assert inverse.at_mm[-1, -1].tolist() == pytest.approx([39 / 2 * 0.3, 4.9])


@given(made=fans())
@settings(max_examples=15, deadline=None)
def test_neighbours_are_at_most_a_pixel_apart_and_at_their_places(made):
    geometry, rows, columns = made
    inverse = InverseConverter(geometry, rows, columns)
    for axis in (0, 1):
        steps = np.diff(inverse.at_mm, axis=axis)
        assert np.hypot(steps[..., 0], steps[..., 1]).max() <= geometry.mm_per_px[0] * 1.001
    radius = np.hypot(inverse.at_mm[..., 0], inverse.at_mm[..., 1])
    assert radius[:, 0] == pytest.approx(geometry.radii_mm[0], abs=1e-3)
    assert radius[:, -1] == pytest.approx(geometry.radii_mm[1], abs=1e-3)


def test_what_is_outside_the_image_is_black_and_stated():
    geometry, rows, columns = fan(0.5, 40, 60, 40)
    inverse = InverseConverter(geometry, rows // 2, columns)
    assert 0 < inverse.seen < 0.9
    lines = inverse.convert(np.full((rows // 2, columns), 200, np.uint8))
    assert (lines == 200).mean() == pytest.approx(inverse.seen)
    assert set(np.unique(lines)) == {0, 200}


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (Geometry(), "states no geometry of its lines"),
        (Geometry(mm_per_px=(0.3, 0.3)), "states no geometry of its lines"),
        (Geometry(Shape.LINEAR), "states no geometry of its lines"),
        (Geometry(Shape.LINEAR, (0.3, math.nan)), "the scale of the linear image is not possible"),
        (Geometry(Shape.CURVILINEAR, (0.3, 0.3), (50, -100), (30, 90)), "misses a figure"),
        (Geometry(Shape.CURVILINEAR, (0.3, 0.3), (9e4, 0), (30, 90), (-30, 30)), "places no ultrasound"),
        (Geometry(Shape.SECTOR, (0.3, 0.3), (50, 0), (90, 30), (-30, 30)), "places no ultrasound"),
    ],
)
def test_without_a_usable_geometry_the_reason_is_stated(geometry, why):
    with pytest.raises(NoBeams, match=why):
        InverseConverter(geometry, 100, 100)


def test_too_many_samples_are_refused():
    with pytest.raises(NoBeams, match="are not possible"):
        InverseConverter(Geometry(Shape.LINEAR, (0.3, 0.1)), 100, 100, 10_000, 10_000)


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ValueError, match="not"):
        InverseConverter(Geometry(Shape.LINEAR, (0.3, 0.1)), 10, 10).convert(np.zeros((11, 10), np.uint8))
