"""Pictures are read as viewers show them: upright, with square pixels, over black."""

import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file


def frames_of(path: Path) -> list[Frame]:
    with open_file(path) as source:
        return list(source.frames())


UPRIGHT = np.zeros((24, 40), np.uint8)
UPRIGHT[:8, :8], UPRIGHT[:8, 32:], UPRIGHT[16:, :8] = 240, 160, 80
STORED = {
    1: UPRIGHT,
    2: np.fliplr(UPRIGHT),
    3: np.rot90(UPRIGHT, 2),
    4: np.flipud(UPRIGHT),
    5: UPRIGHT.T,
    6: np.rot90(UPRIGHT),
    7: np.rot90(UPRIGHT.T, 2),
    8: np.rot90(UPRIGHT, -1),
}
"""How a camera stores the upright picture under each orientation of EXIF."""


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    return exif.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGBA"])
@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".lzw.tif", ".jpg"])
@pytest.mark.parametrize("orientation", STORED)
def test_a_picture_is_upright_under_every_orientation(orientation: int, suffix: str, mode: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo{suffix}"
    options = {".webp": {"lossless": True}, ".lzw.tif": {"compression": "tiff_lzw"}, ".jpg": {"quality": 100}}.get(suffix, {})
    image = Image.fromarray(np.ascontiguousarray(STORED[orientation])).convert("RGB" if suffix == ".jpg" else mode)
    image.save(path, exif=exif_of(orientation), **options)
    (frame,) = frames_of(path)
    assert frame.pixels.shape == UPRIGHT.shape
    assert np.abs(frame.pixels - UPRIGHT.astype(int)).max() <= 2


@pytest.mark.parametrize(("suffix", "kind", "frames"), [(".jpg", "MPO", 1), (".png", None, 3), (".webp", None, 3)])
def test_every_frame_of_a_turned_file_is_upright(suffix: str, kind: str | None, frames: int, tmp_path: Path) -> None:
    path = tmp_path / f"photo{suffix}"
    stored = [np.maximum(STORED[6], level) for level in (0, 20, 40)]
    first, *rest = [Image.fromarray(picture).convert("RGB") for picture in stored]
    options = {"lossless": True} if suffix == ".webp" else {}
    first.save(path, format=kind, save_all=True, append_images=rest, exif=exif_of(6), **options)
    shown = [frame.pixels for frame in frames_of(path)]
    assert len(shown) == frames
    for pixels, level in zip(shown, (0, 20, 40), strict=False):
        assert np.abs(pixels - np.maximum(UPRIGHT, level).astype(int)).mean() < 2


def test_an_orientation_in_xmp_alone_counts(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(np.ascontiguousarray(STORED[8])).save(path, xmp=b'<rdf:Description tiff:Orientation="8"/>', quality=100)
    assert np.abs(frames_of(path)[0].pixels - UPRIGHT.astype(int)).max() <= 2


@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg"])
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(
    ("dpi", "shape"), [((75, 100), (24, 53)), ((200, 100), (48, 40)), ((96, 96), (24, 40)), ((300, 3), (24, 40)), ((0, 72), (24, 40))]
)
def test_a_resolution_that_differs_across_and_down_is_made_square(suffix, orientation, dpi, shape, tmp_path: Path) -> None:
    path = tmp_path / f"scan{suffix}"
    stored_dpi = dpi if orientation == 1 else dpi[::-1]
    Image.fromarray(np.ascontiguousarray(STORED[orientation])).save(path, exif=exif_of(orientation), dpi=stored_dpi)
    (frame,) = frames_of(path)
    assert frame.pixels.shape == shape
    assert (frame.pixels[0, 0] > 200, frame.pixels[-1, -1] > 40) == (True, False)


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", exif_of(0), exif_of(9), exif_of(6)[:20]])
def test_an_orientation_that_is_damaged_or_unknown_turns_nothing(exif: bytes, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(UPRIGHT).save(path, exif=exif)
    assert frames_of(path)[0].pixels.shape == UPRIGHT.shape


@given(st.binary(max_size=80))
def test_no_exif_at_all_keeps_a_picture_from_being_read(tail: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.png"
        Image.fromarray(UPRIGHT).save(path, exif=b"Exif\0\0MM\0*" + tail)
        assert sorted(frames_of(path)[0].pixels.shape) == [24, 40]


SEEN = np.zeros((8, 12), np.uint8)
SEEN[:, 6:] = np.arange(48, dtype=np.uint8).reshape(8, 6) + 100


def surrounded(kind: str) -> Image.Image:
    """SEEN, with white under its transparent left half."""
    white, alpha = np.where(SEEN, SEEN, 255).astype(np.uint8), np.where(SEEN, 255, 0).astype(np.uint8)
    if kind in ("LA", "RGBA"):
        return Image.merge(kind, [Image.fromarray(white)] * (len(kind) - 1) + [Image.fromarray(alpha)])
    if kind == "P":
        image = Image.fromarray(SEEN)
        image.putpalette([255, 255, 255, *(level for level in range(1, 256) for _ in range(3))])
    else:
        image = Image.fromarray(white).convert(kind)
    image.info["transparency"] = {"P": 0, "L": 255, "RGB": (255, 255, 255)}[kind]
    return image


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [(".png", kind) for kind in ("LA", "RGBA", "P", "L", "RGB")] + [(".tif", "LA"), (".tif", "RGBA"), (".webp", "RGBA"), (".gif", "P")],
)
def test_what_is_transparent_is_black(suffix: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"export{suffix}"
    image = surrounded(kind)
    options = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
    image.save(path, **options, **({"lossless": True} if suffix == ".webp" else {}))
    np.testing.assert_array_equal(frames_of(path)[0].pixels, SEEN)


def test_half_transparent_pixels_are_half_as_bright(tmp_path: Path) -> None:
    path = tmp_path / "export.png"
    Image.merge("LA", [Image.new("L", (4, 4), 200), Image.new("L", (4, 4), 128)]).save(path)
    assert frames_of(path)[0].pixels[0, 0] == 100


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_every_frame_of_an_animation_is_over_black(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"clip{suffix}"
    kind = "P" if suffix == ".gif" else "RGBA"
    options = {"transparency": 0, "disposal": 2} if kind == "P" else {}
    first, second = surrounded(kind), surrounded(kind)
    second.putpixel((11, 7), 250 if kind == "P" else (250, 250, 250, 255))
    first.save(path, save_all=True, append_images=[second], duration=50, **options, **({"lossless": True} if suffix == ".webp" else {}))
    frames = frames_of(path)
    assert [frame.captured_us for frame in frames] == [0, 50_000]
    np.testing.assert_array_equal(frames[0].pixels, SEEN)
    np.testing.assert_array_equal(frames[1].pixels[:, :11], SEEN[:, :11])
    assert frames[1].pixels[7, 11] == 250


def test_a_picture_of_nothing_but_transparency_says_so(tmp_path: Path) -> None:
    path = tmp_path / "export.png"
    Image.new("RGBA", (4, 4), (200, 200, 200, 0)).save(path)
    with pytest.raises(SourceUnreadable, match="every pixel is transparent") as caught:
        open_file(path)
    assert caught.value.fix == "Export it without transparency"


def low_bit_png(bits: int, levels: NDArray[np.uint8], clear: int) -> bytes:
    """A grey PNG of two or four bits a pixel, whose level `clear` is transparent; Pillow writes none."""
    per_byte = 8 // bits
    spread = levels.reshape(levels.shape[0], -1, per_byte) << np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in np.bitwise_or.reduce(spread, axis=2).astype(np.uint8))
    head = struct.pack(">2L5B", levels.shape[1], levels.shape[0], bits, 0, 0, 0, 0)
    parts = (b"IHDR", head), (b"tRNS", struct.pack(">H", clear)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(part)) + name + part + struct.pack(">L", zlib.crc32(name + part)) for name, part in parts
    )


@pytest.mark.parametrize("bits", [2, 4])
def test_a_transparent_grey_of_few_bits_is_black(bits: int, tmp_path: Path) -> None:
    white, path = (1 << bits) - 1, tmp_path / "scan.png"
    levels = np.tile(np.arange(white + 1, dtype=np.uint8), (4, 2))
    path.write_bytes(low_bit_png(bits, levels, white))
    np.testing.assert_array_equal(frames_of(path)[0].pixels, np.where(levels == white, 0, levels * (255 // white)))


@pytest.mark.parametrize(("ratio", "shape"), [(0, (24, 40)), (49, (24, 40)), (113, (24, 80)), (17, (48, 40)), (255, (24, 40))])
def test_a_gif_states_the_shape_of_its_pixels(ratio: int, shape: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "scan.gif"
    Image.fromarray(UPRIGHT).save(path)
    data = bytearray(path.read_bytes())
    data[12] = ratio
    path.write_bytes(data)
    assert frames_of(path)[0].pixels.shape == shape
