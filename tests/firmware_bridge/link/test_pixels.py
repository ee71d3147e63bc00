import dataclasses

import numpy as np
import pytest
import simplejpeg

from firmware_bridge.errors import MalformedMessage
from firmware_bridge.frame import Geometry, Shape
from firmware_bridge.link.messages import FrameData, PixelFormat
from firmware_bridge.link.pixels import Pixels

LINEAR = Geometry(Shape.LINEAR, (0.3, 0.1))
FAN = Geometry(Shape.CURVILINEAR, (0.5, 0.5), (100.0, -60.0), (40.0, 120.0), (-30.0, 30.0))


def lines_of(image: np.ndarray, pixel_format: PixelFormat) -> FrameData:
    return FrameData(pixel_format, *image.shape, memoryview(image.tobytes()))


@pytest.mark.parametrize(("end", "tail"), [(None, b"\xff" * 6), (None, bytes(40)), (-2, b"")])
def test_a_jpeg_is_whole_with_a_tail_and_without_an_end_mark(end, tail):
    image = np.add.outer(np.arange(32), np.arange(40)).astype(np.uint8)[:, :, None] * 3
    data = simplejpeg.encode_jpeg(image, quality=95, colorspace="GRAY")
    wanted = simplejpeg.decode_jpeg(data, colorspace="GRAY")[:, :, 0]
    frame = FrameData(PixelFormat.JPEG, 32, 40, memoryview(data[:end] + tail))
    np.testing.assert_array_equal(Pixels().grey(frame, Geometry()), wanted)


def test_lines_of_a_linear_array_stand_side_by_side():
    lines = np.random.default_rng(3).integers(0, 256, (16, 64), dtype=np.uint8)
    np.testing.assert_array_equal(Pixels().grey(lines_of(lines, PixelFormat.LINES_U8), LINEAR), lines.T)


def test_lines_of_a_curved_array_become_a_fan():
    image = Pixels().grey(lines_of(np.full((32, 128), 200, np.uint8), PixelFormat.LINES_U8), FAN)
    assert image[100, 100] == 200
    assert image[170, 5] == 0
    assert 0.2 < (image == 200).mean() < 0.9


def test_uncompressed_lines_are_compressed():
    lines = np.zeros((16, 64), "<i2")
    lines[:, 20:40] = 32767
    image = Pixels().grey(lines_of(lines, PixelFormat.LINES_S16), LINEAR)
    assert image[30].min() == 255
    assert image[50].max() == 0


def test_a_new_geometry_makes_another_image():
    pixels, frame = Pixels(), lines_of(np.full((32, 128), 9, np.uint8), PixelFormat.LINES_U8)
    fan, strip, again = pixels.grey(frame, FAN), pixels.grey(frame, LINEAR), pixels.grey(frame, FAN)
    assert strip.shape == (128, 32)
    np.testing.assert_array_equal(fan, again)


UNUSABLE = {
    "unknown": Geometry(),
    "incomplete": dataclasses.replace(FAN, angles_deg=None),
    "no spacing": dataclasses.replace(FAN, mm_per_px=(0.0, 0.0)),
    "too fine": dataclasses.replace(FAN, mm_per_px=(1e-300, 1e-300)),
    "beside the image": dataclasses.replace(FAN, apex_px=(-100.0, 0.0)),
    "too large": dataclasses.replace(FAN, apex_px=(1e9, 0.0)),
    "upside down": dataclasses.replace(FAN, radii_mm=(120.0, 110.0)),
}


@pytest.mark.parametrize("geometry", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize("pixel_format", [PixelFormat.LINES_U8, PixelFormat.LINES_S16])
def test_lines_without_a_usable_geometry_make_no_image(geometry, pixel_format):
    lines = np.zeros((8, 16), "<i2" if pixel_format is PixelFormat.LINES_S16 else "u1")
    with pytest.raises(MalformedMessage, match="beam lines"):
        Pixels().grey(lines_of(lines, pixel_format), geometry)


def test_a_single_line_is_no_image():
    with pytest.raises(MalformedMessage, match="no image"):
        Pixels().grey(lines_of(np.zeros((1, 16), np.uint8), PixelFormat.LINES_U8), LINEAR)
