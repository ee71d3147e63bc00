import numpy as np
import pytest

from firmware_bridge.frame import Geometry, Shape
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.convert import ScanConverter
from firmware_bridge.sources.file import open_file

FAN = Geometry(Shape.CURVILINEAR, (0.5, 0.5), (150.0, -60.0), (50.0, 170.0), (-35.0, 35.0))


def image_position(line, sample, lines, samples):
    (left, right), (near, far) = FAN.angles_deg, FAN.radii_mm
    angle = np.radians(left + (right - left) * line / (lines - 1))
    radius = near + (far - near) * sample / (samples - 1)
    return FAN.apex_px[0] + radius * np.sin(angle) / 0.5, FAN.apex_px[1] + radius * np.cos(angle) / 0.5


@pytest.mark.parametrize(("line", "sample"), [(20, 100), (64, 200), (100, 350), (64, 50)])
def test_an_echo_lands_where_the_geometry_says(line, sample):
    lines = np.zeros((128, 400), np.uint8)
    lines[line - 1 : line + 2, sample - 2 : sample + 3] = 255
    image = ScanConverter(FAN, 128, 400, 300, 301).convert(lines).astype(float)
    row, column = np.indices(image.shape)
    x, y = image_position(line, sample, 128, 400)
    assert (image * column).sum() / image.sum() == pytest.approx(x, abs=0.5)
    assert (image * row).sum() / image.sum() == pytest.approx(y, abs=0.5)


def test_outside_the_fan_is_black_and_inside_stays_unchanged():
    image = ScanConverter(FAN, 64, 100).convert(np.full((64, 100), 200, np.uint8))
    assert image[0, 0] == 0
    assert image[150, 150] == 200
    assert set(np.unique(image)) == {0, 200}


def test_a_linear_image_of_the_same_size_is_the_lines_side_by_side():
    lines = np.random.default_rng(0).integers(0, 256, (40, 90), dtype=np.uint8)
    assert np.array_equal(ScanConverter(Geometry(Shape.LINEAR), 40, 90).convert(lines), lines.T)


@pytest.mark.parametrize(
    "geometry", [Geometry(), Geometry(Shape.CURVILINEAR), Geometry(Shape.CURVILINEAR, (0.5, 0.5), (1, 1), (9.0, 5.0), (-1.0, 1.0))]
)
def test_a_geometry_that_cannot_be_drawn_is_refused(geometry):
    with pytest.raises(ValueError, match="geometry"):
        ScanConverter(geometry, 64, 100)


CURVED = Geometry(Shape.CURVILINEAR, (0.15, 0.15), (410.0, 87 - 10 / 0.15), (10.0, 82.0), (-75.0, 75.0))


def likeness(image, wanted):
    """(normalised cross-correlation, mean absolute error in grey levels)."""
    image, wanted = image.astype(float), wanted.astype(float)
    return np.corrcoef(image.ravel(), wanted.ravel())[0, 1], np.abs(image - wanted).mean()


def test_every_frame_of_a_real_fan_matches_what_plus_makes_of_it(data_folder):
    folder = data_folder / "plus_scanconv"
    lines = pictures(folder / "UltrasonixCurvilinearBrightnessData.igs.mha")
    golden = pictures(folder / "UltrasonixCurvilinearScanConvertedData.igs.mha")
    converter = ScanConverter(CURVED, 96, 3640, *golden[0].shape)
    assert len(lines) == len(golden) == 5
    for given, wanted in zip(lines, golden, strict=True):
        correlation, error = likeness(converter.convert(np.ascontiguousarray(given.T)), wanted)
        assert correlation >= 0.98
        assert error <= 6.5


def pictures(path):
    with open_file(path) as source:
        return [frame.pixels for frame in source.frames()]


@pytest.mark.parametrize("shape", [Shape.LINEAR, Shape.CURVILINEAR, Shape.SECTOR])
def test_from_line_to_pixel_and_back_is_within_half_a_pixel(shape):
    """A ridge along each line is found again where the inverse of the map puts it."""
    near = 0.0 if shape is Shape.SECTOR else 50.0
    fan = Geometry(shape, (0.5, 0.5), (150.0, 20.0 - near / 0.5), (near, near + 120.0), (-35.0, 35.0))
    lines, samples = 64, 241
    for line in (8, 31, 32, 55):
        given = np.zeros((lines, samples), np.uint8)
        given[line] = 255
        image = ScanConverter(fan, lines, samples, *((241, 253) if shape is Shape.LINEAR else (None, None))).convert(given).astype(float)
        for sample in (120, 180, 230):
            x, y = place(fan, line, sample, (lines, samples), image.shape)
            row = image[round(y)]
            assert (row * np.arange(len(row))).sum() / row.sum() == pytest.approx(x, abs=0.5 + 0.5 * abs(y - round(y)))


def place(fan, line, sample, size, shape):
    lines, samples = size
    if fan.shape is Shape.LINEAR:
        return line * (shape[1] - 1) / (lines - 1), sample * (shape[0] - 1) / (samples - 1)
    (left, right), (near, far) = fan.angles_deg, fan.radii_mm
    angle, radius = np.radians(left + (right - left) * line / (lines - 1)), near + (far - near) * sample / (samples - 1)
    return fan.apex_px[0] + radius * np.sin(angle) / 0.5, fan.apex_px[1] + radius * np.cos(angle) / 0.5


@pytest.mark.parametrize("far", [1e9, float("inf")])
def test_a_geometry_that_asks_for_too_large_an_image_is_refused(far):
    with pytest.raises(ValueError, match="pixels"):
        ScanConverter(Geometry(Shape.SECTOR, (0.1, 0.1), (1000.0, 0.0), (0.0, far), (-40.0, 40.0)), 64, 100)


def test_compression_maps_the_dynamic_range_to_grey():
    amplitude = np.array([[32767, 3276.7, 32.767, 0]], np.float32)
    assert to_grey(amplitude, 60.0).tolist() == [[255, 170, 0, 0]]
