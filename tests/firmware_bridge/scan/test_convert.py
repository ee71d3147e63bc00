import numpy as np
import pytest

from firmware_bridge.frame import Geometry, Shape
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.convert import ScanConverter

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


def test_outside_the_fan_is_black_and_inside_is_kept():
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


def test_a_real_fan_matches_what_plus_makes_of_it(data_folder):
    folder = data_folder / "plus_scanconv"
    lines = read_mha(folder / "UltrasonixCurvilinearBrightnessData.igs.mha")
    golden = read_mha(folder / "UltrasonixCurvilinearScanConvertedData.igs.mha")
    geometry = Geometry(Shape.CURVILINEAR, (0.15, 0.15), (410.0, 87 - 10 / 0.15), (10.0, 82.0), (-75.0, 75.0))
    converter = ScanConverter(geometry, *lines.shape[1:], *golden.shape[1:])
    image, wanted = converter.convert(lines[0]).astype(float), golden[0].astype(float)
    assert np.corrcoef(image.ravel(), wanted.ravel())[0, 1] >= 0.98
    assert np.abs(image - wanted).mean() <= 6.5


def read_mha(path):
    """8-bit MetaImage with its pixels inside, plain or zlib-compressed: (frames, rows, columns)."""
    import zlib

    head, _, body = path.read_bytes().partition(b"ElementDataFile = LOCAL\n")
    said = dict(line.split(" = ", 1) for line in head.decode("latin-1").splitlines() if " = " in line)
    assert said["ElementType"] == "MET_UCHAR"
    shape = tuple(int(n) for n in reversed(said["DimSize"].split()))
    body = zlib.decompress(body) if said.get("CompressedData") == "True" else body
    return np.frombuffer(body, np.uint8, count=int(np.prod(shape))).reshape(shape)


def test_compression_maps_the_dynamic_range_to_grey():
    amplitude = np.array([[32767, 3276.7, 32.767, 0]], np.float32)
    assert to_grey(amplitude, 60.0).tolist() == [[255, 170, 0, 0]]
