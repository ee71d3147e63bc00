"""The codestream decides; labels fill in only what it leaves open."""

import struct

import gdcm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import JPEG2000, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from firmware_bridge.sources.dicom.codestream import Coding, begins_codestream, codestream_of

SHAPE = (40, 56)
ROWS, COLUMNS = np.mgrid[: SHAPE[0], : SHAPE[1]]
TINTED = np.stack([60 + 2 * ROWS, 200 - 3 * COLUMNS, 20 + COLUMNS + ROWS], -1).astype(np.uint8)
GREY = np.asarray(Image.fromarray(TINTED).convert("L"))
YBR = np.asarray(Image.fromarray(TINTED).convert("YCbCr"))
LABELS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "MONOCHROME2", "")
LOSSLESS = gdcm.TransferSyntax.JPEGLosslessProcess14_1


def without_marks(jpeg: bytes) -> bytes:
    """The same JPEG without the marks of JFIF and Adobe."""
    kept, at = jpeg[:2], 2
    while jpeg[at + 1] != 0xDA:
        size = 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if jpeg[at + 1] not in (0xE0, 0xEE):
            kept += jpeg[at : at + size]
        at += size
    return kept + jpeg[at:]


def named(jpeg: bytes, names: bytes) -> bytes:
    """The same JPEG with other names of its components."""
    changed = bytearray(jpeg)
    for marker, first, step in ((b"\xff\xc0", 10, 3), (b"\xff\xda", 5, 2)):
        at = jpeg.index(marker)
        changed[at + first : at + first + 3 * step : step] = names
    return bytes(changed)


def off(pixels: NDArray[np.uint8]) -> int:
    return int(np.abs(pixels.astype(int) - GREY).max())


@pytest.fixture
def as_rgb(encoded) -> bytes:
    """A JPEG of red, green and blue with Adobe's mark, which says so, and so named."""
    return encoded(TINTED, quality=98, keep_rgb=True, subsampling=0)


@pytest.mark.parametrize("planar", [0, 1, None])
@pytest.mark.parametrize("label", LABELS)
def test_a_jpeg_is_as_its_own_marks_say(*, label: str, planar: int | None, packed, encoded, as_rgb, read) -> None:
    shown = encoded(TINTED, quality=98), encoded(TINTED, quality=98, subsampling=0), as_rgb, without_marks(as_rgb), named(as_rgb, b"rgb")
    result = read(packed(shown, SHAPE, PhotometricInterpretation=label, PlanarConfiguration=planar))
    assert [off(pixels) <= 4 for pixels in result.pixels] == [True] * len(shown)


def test_names_and_sampling_tell_colours_without_any_mark(packed, encoded, as_rgb, read) -> None:
    halved = without_marks(encoded(TINTED, quality=98))
    assert off(read(packed([halved], SHAPE, PhotometricInterpretation="RGB")).pixels[0]) <= 4
    jfif = encoded(TINTED, quality=98)[2:20]
    assert off(read(packed([b"\xff\xd8" + jfif + without_marks(as_rgb)[2:]], SHAPE)).pixels[0]) <= 4


def test_the_label_decides_what_a_jpeg_leaves_open(packed, encoded, as_rgb, read) -> None:
    open_rgb = named(without_marks(as_rgb), b"\x01\x02\x03")
    open_ybr = without_marks(encoded(TINTED, quality=98, subsampling=0))
    assert codestream_of(open_rgb).rgb is codestream_of(open_ybr).rgb is None
    assert off(read(packed([open_rgb], SHAPE, PhotometricInterpretation="RGB")).pixels[0]) <= 4
    assert off(read(packed([open_ybr], SHAPE, PhotometricInterpretation="YBR_FULL")).pixels[0]) <= 4


@pytest.mark.parametrize("odd", [b"\xff\xee\x00\x0cAdobe\x00\x00\x00\x00\x00", b"\xff\xff\xff\xfe\x00\x02", b"\x00\x17\xff\x00"])
def test_odd_bytes_between_marks_are_passed_over(odd: bytes, packed, as_rgb, read) -> None:
    frame = b"\xff\xd8\xff\xfe\x00\x02" + odd + without_marks(as_rgb)[2:]
    assert off(read(packed([frame], SHAPE)).pixels[0]) <= 4


def test_adobes_rgb_with_halved_colours_is_luma_and_chroma(packed, encoded, read) -> None:
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    halved = b"\xff\xd8" + adobe + without_marks(encoded(TINTED, quality=98))[2:]
    assert off(read(packed([halved], SHAPE)).pixels[0]) <= 4


@pytest.mark.parametrize("planar", [0, 1, None])
@pytest.mark.parametrize("label", ["RGB", "YBR_FULL_422", "YBR_RCT", ""])
def test_jpeg_2000_gives_rgb_whatever_the_label(label: str, planar: int | None, packed, encoded, read) -> None:
    shown = [encoded(TINTED, "JPEG2000", no_jp2=bare, mct=mct) for bare in (True, False) for mct in (0, 1)]
    result = read(packed(shown, SHAPE, JPEG2000, PhotometricInterpretation=label, PlanarConfiguration=planar))
    assert [off(pixels) for pixels in result.pixels] == [0] * len(shown)


def test_jpeg_2000_of_luma_and_chroma_is_as_its_label_says(packed, encoded, read) -> None:
    bare = encoded(YBR, "JPEG2000", no_jp2=True, mct=0)
    assert off(read(packed([bare], SHAPE, JPEG2000, PhotometricInterpretation="YBR_FULL")).pixels[0]) <= 1


@pytest.mark.parametrize("planar", [0, 1, None])
@pytest.mark.parametrize("label", LABELS)
def test_jpeg_lossless_is_as_its_names_say(label: str, planar: int | None, packed, recoded, read) -> None:
    frame = recoded(TINTED, LOSSLESS, "RGB")
    result = read(packed([frame], SHAPE, JPEGLosslessSV1, PhotometricInterpretation=label, PlanarConfiguration=planar))
    assert off(result.pixels[0]) == 0


@pytest.mark.parametrize(
    ("coding", "syntax"),
    [
        (LOSSLESS, JPEGLosslessSV1),
        (gdcm.TransferSyntax.JPEGLSLossless, JPEGLSLossless),
        (gdcm.TransferSyntax.JPEG2000Lossless, JPEG2000),
        (gdcm.TransferSyntax.RLELossless, RLELossless),
    ],
)
@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize(("label", "picture"), [("RGB", TINTED), ("YBR_FULL", YBR)])
def test_planes_never_garble_a_compressed_frame(*, label, picture, planar, coding, syntax, packed, recoded, read) -> None:
    frame = recoded(picture, coding, label)
    result = read(packed([frame], SHAPE, syntax, PhotometricInterpretation=label, PlanarConfiguration=planar))
    assert off(result.pixels[0]) <= 1


def test_a_label_of_halved_colours_does_not_fit_a_lossless_frame_of_full_ones(packed, recoded, read) -> None:
    frame = recoded(TINTED, gdcm.TransferSyntax.JPEGLSLossless, "RGB")
    assert off(read(packed([frame], SHAPE, JPEGLSLossless, PhotometricInterpretation="YBR_FULL_422")).pixels[0]) == 0


@pytest.mark.parametrize("label", LABELS)
def test_one_component_is_grey_whatever_the_label(label: str, packed, encoded, recoded, read) -> None:
    frames = [encoded(GREY, quality=98), encoded(GREY, "JPEG2000"), recoded(GREY, LOSSLESS, "MONOCHROME2")]
    result = read(packed(frames, SHAPE, PhotometricInterpretation=label))
    assert [off(pixels) <= 2 for pixels in result.pixels] == [True] * 3


def test_each_frame_is_decoded_as_what_it_is_under_any_transfer_syntax(packed, encoded, recoded, read) -> None:
    frames = [recoded(TINTED, LOSSLESS, "RGB"), encoded(TINTED, "JPEG2000", mct=1), encoded(TINTED, quality=98)]
    result = read(packed(frames, SHAPE, JPEGBaseline8Bit))
    assert [off(pixels) <= 4 for pixels in result.pixels] == [True] * 3


def test_the_depth_is_that_of_the_codestream(packed, encoded, recoded, read) -> None:
    for frame in (encoded(GREY, "JPEG2000"), recoded(GREY, LOSSLESS, "MONOCHROME2")):
        dataset = packed([frame], SHAPE, PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=12, HighBit=11)
        assert off(read(dataset).pixels[0]) == 0


def test_the_size_is_that_of_the_codestream(packed, encoded, read) -> None:
    assert read(packed([encoded(TINTED)], (39, 55))).pixels[0].shape == SHAPE


def test_a_jpeg_without_its_end_mark_is_whole_and_one_without_rows_is_lost(packed, encoded, read) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (64, 64, 3), np.uint8)
    whole = encoded(noise, quality=90)
    result = read(packed([whole, whole[:-2], whole[: len(whole) // 2], whole], noise.shape[:2], FrameTime="40"))
    assert [frame.captured_us for frame in result.frames] == [0, 40_000, 120_000]
    np.testing.assert_array_equal(result.pixels[1], result.pixels[0])
    assert result.losses == {"undecodable": 1}


@pytest.mark.parametrize("coding", [LOSSLESS, gdcm.TransferSyntax.JPEGLSLossless, gdcm.TransferSyntax.JPEG2000Lossless])
def test_a_damaged_frame_is_lost_and_ends_nothing_else(coding: int, packed, recoded, read) -> None:
    """GDCM ends its process at such a frame."""
    whole = recoded(np.random.default_rng(2).integers(0, 255, (40, 56, 3), np.uint8), coding, "RGB")
    half, wrong = whole[: len(whole) // 2], whole[:200] + b"\xff\xda" * 40 + whole[280:]
    result = read(packed([whole, half, wrong, whole], (40, 56)))
    assert result.losses["undecodable"] >= 1
    assert len(result.frames) + result.losses["undecodable"] == result.announced == 4


def test_a_picture_larger_than_any_screen_is_not_decoded(packed, encoded, read) -> None:
    good, huge = encoded(TINTED), bytearray(encoded(TINTED))
    at = huge.index(b"\xff\xc0")
    huge[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    assert read(packed([good, bytes(huge)], SHAPE)).losses == {"undecodable": 1}


@given(
    st.binary(max_size=80), st.sampled_from([b"", b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ", b"\x03\0\0\0\x40\0\0\0"])
)
def test_any_bytes_are_described_or_refused(data: bytes, start: bytes) -> None:
    try:
        stream = codestream_of(start + data)
    except ValueError:
        return
    assert isinstance(stream.coding, Coding)
    assert begins_codestream((start + data)[:8])


@pytest.mark.parametrize("coding", [LOSSLESS, gdcm.TransferSyntax.JPEGLSLossless, gdcm.TransferSyntax.JPEG2000Lossless])
@pytest.mark.parametrize("high", [7, 15])
def test_eight_bits_in_compressed_words_are_read_wherever_they_lie(high: int, coding: int, packed, recoded, read) -> None:
    words = (GREY.astype(np.uint16) << (high - 7)).astype(np.uint16)
    label = {"PhotometricInterpretation": "MONOCHROME2", "SamplesPerPixel": 1, "BitsAllocated": 16, "BitsStored": 8, "HighBit": high}
    result = read(packed([recoded(words, coding, "MONOCHROME2")], SHAPE, JPEGLSLossless, **label))
    np.testing.assert_array_equal(result.pixels[0], GREY)


def test_a_frame_of_words_among_frames_of_bytes_is_lost(packed, recoded, read) -> None:
    frames = [recoded(picture, gdcm.TransferSyntax.JPEGLSLossless, "MONOCHROME2") for picture in (GREY, GREY.astype(np.uint16))]
    assert read(packed(frames, SHAPE, JPEGLSLossless, PhotometricInterpretation="MONOCHROME2")).losses == {"undecodable": 1}
