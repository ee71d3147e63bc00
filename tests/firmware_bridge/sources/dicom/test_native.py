"""How the samples of uncompressed frames lie."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import ExplicitVRBigEndian, RLELossless

from firmware_bridge.sources.dicom.labels import Labels
from firmware_bridge.sources.dicom.native import layouts_of

CINE = np.random.default_rng(8).integers(0, 255, (3, 7, 12), np.uint8)
SMOOTH = np.stack([np.add.outer(np.arange(7), 3 * np.arange(12)) + 20 * frame for frame in range(3)]).astype(np.uint8)
COLOURS = np.random.default_rng(9).integers(0, 255, (3, 7, 12, 3), np.uint8)


def halved(lines: NDArray[np.uint8], full: bool = True) -> bytes:
    """Y Y Cb Cr of each two pixels, for lines (lines, pixels) of luma; an odd line is filled up, or ends in mid-pair."""
    count, length = lines.shape
    even = np.zeros((count, length + length % 2), np.uint8)
    even[:, :length] = lines
    pairs = np.full((count, even.shape[1] // 2, 4), 200, np.uint8)
    pairs[:, :, 0], pairs[:, :, 1] = even[:, ::2], even[:, 1::2]
    return pairs.reshape(count, -1)[:, : None if full else 2 * length].tobytes()


BY_ROW: dict[str, Callable[[NDArray[np.uint8]], bytes]] = {
    "rows filled up": halved,
    "rows that end in mid-pair": lambda picture: halved(picture, full=False),
    "one line": lambda picture: halved(picture.reshape(1, -1)),
    "one line that ends in mid-pair": lambda picture: halved(picture.reshape(1, -1), full=False),
}


def luma(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([np.asarray(Image.fromarray(picture).convert("L")) for picture in colours])


@pytest.mark.parametrize("planar", [0, 1, None])
@pytest.mark.parametrize("columns", [12, 11])
@pytest.mark.parametrize("count", [3, None])
@pytest.mark.parametrize("order", BY_ROW)
def test_halved_colours_take_two_bytes_a_pixel(*, order, count, columns, planar, an_object, read) -> None:
    cine = np.ascontiguousarray(SMOOTH[:, :, :columns])
    dataset = an_object(np.stack([cine] * 3, -1), PhotometricInterpretation="YBR_FULL_422", NumberOfFrames=count)
    dataset.PlanarConfiguration = planar
    dataset.PixelData = b"".join(BY_ROW[order](picture) for picture in cine)
    result = read(dataset)
    np.testing.assert_array_equal(result.pixels, cine)
    assert result.losses == {}


def test_the_label_of_halved_colours_can_be_left_over_from_compression(an_object, read) -> None:
    ybr = np.stack([np.asarray(Image.fromarray(picture).convert("YCbCr")) for picture in COLOURS])
    result = read(an_object(ybr, PhotometricInterpretation="YBR_FULL_422", PlanarConfiguration=0))
    np.testing.assert_array_equal(result.pixels, ybr[..., 0])


def test_partial_range_is_stretched(an_object, read) -> None:
    levels = np.full((1, 4, 6, 3), 128, np.uint8)
    levels[..., 0] = np.linspace(16, 235, 24).reshape(4, 6)
    pixels = read(an_object(levels, PhotometricInterpretation="YBR_PARTIAL_422", PlanarConfiguration=0)).pixels[0]
    assert (pixels.min(), pixels.max()) == (0, 255)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize(("kind", "right"), [("RGB", luma(COLOURS)), ("YBR_RCT", luma(COLOURS)), ("YBR_FULL", COLOURS[..., 0])])
def test_colour_becomes_luma_in_either_order_of_samples(kind: str, right, planar: int, an_object, read) -> None:
    dataset = an_object(COLOURS, PhotometricInterpretation=kind, PlanarConfiguration=planar)
    if planar:
        dataset.PixelData = COLOURS.transpose(0, 3, 1, 2).tobytes()
    np.testing.assert_array_equal(read(dataset).pixels, right)


def test_inverted_grey_is_turned_round(an_object, read) -> None:
    np.testing.assert_array_equal(read(an_object(CINE, PhotometricInterpretation="MONOCHROME1")).pixels, 255 - CINE)


@pytest.mark.parametrize("high", [7, 15])
def test_eight_bits_in_words_are_read_wherever_they_lie(high: int, an_object, read) -> None:
    noise = np.random.default_rng(1).integers(0, 255, CINE.shape, np.uint16)
    words = (CINE.astype(np.uint16) << 8 | noise) if high == 15 else (noise << 8 | CINE)
    np.testing.assert_array_equal(read(an_object(words, BitsStored=8, HighBit=high)).pixels, CINE)


def test_eight_bits_in_words_are_read_from_rle_too(an_object, read) -> None:
    dataset = an_object(CINE.astype(np.uint16))
    dataset.compress(RLELossless, encoding_plugin="pydicom")
    dataset.BitsStored, dataset.HighBit = 8, 7
    np.testing.assert_array_equal(read(dataset).pixels, CINE)


def test_fewer_stored_bits_reach_white_too(an_object, read) -> None:
    six = CINE >> 2
    np.testing.assert_array_equal(read(an_object(six, BitsStored=6, HighBit=5)).pixels, np.round(six * (255 / 63)).astype(np.uint8))


@pytest.mark.parametrize("columns", [12, 11])
def test_bytes_that_were_written_as_big_endian_words_are_put_back(columns: int, an_object, saved, read) -> None:
    cine = np.ascontiguousarray(CINE[:, :, :columns])
    dataset = an_object(cine)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    whole = cine.tobytes() + bytes(cine.size % 2)
    dataset.PixelData = np.frombuffer(whole, "<u2").byteswap().tobytes()
    dataset["PixelData"].VR = "OW"
    np.testing.assert_array_equal(read(dataset).pixels, cine)


@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    frames=st.one_of(st.none(), st.integers(1, 9)),
    kind=st.sampled_from(["RGB", "YBR_FULL", "YBR_FULL_422"]),
    stated=st.integers(0, 40_000),
)
def test_a_frame_of_any_layout_fills_its_picture(rows, columns, frames, kind, stated) -> None:
    labels = Labels(rows, columns, 3, 1, 8, 8, 7, False, kind, frames, "US")
    layouts = layouts_of(labels, stated)
    assert {layout.samples(bytes(layout.frame_bytes)).shape[:2] for layout in layouts} == {(rows, columns)}
    assert len({layout.frame_bytes for layout in layouts}) == 1


@pytest.mark.parametrize(("bits", "high"), [(16, 15), (12, 11), (8, 15), (8, 0)])
def test_more_bits_than_a_byte_has_are_those_of_the_byte(bits: int, high: int, an_object, read) -> None:
    np.testing.assert_array_equal(read(an_object(CINE, BitsStored=bits, HighBit=high)).pixels, CINE)
