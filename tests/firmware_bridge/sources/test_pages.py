from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from firmware_bridge.errors import BridgeError, SourceUnreadable
from firmware_bridge.sources.file import open_file

Page = tuple[int, dict[int, int]]


def levels_of(path: Path) -> tuple[list[int], int | None, tuple[object, ...]]:
    """The grey level of each frame, the count that the source announces, its losses."""
    with open_file(path) as source:
        levels = [int(frame.pixels[2, 2]) for frame in source.frames()]
        return levels, source.info.frames, source.losses


def flat(level: int, size: tuple[int, int] = (32, 24), mode: str = "L") -> Image.Image:
    return Image.new("L", size, level).convert(mode)


@pytest.fixture
def tiff(tmp_path: Path):
    """Writes a TIFF of flat pages: (grey level, the tags that TIFF states of the page)."""

    def write(*pages: Page) -> Path:
        path = tmp_path / "pages.tif"
        with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as out:
            for level, tags in pages:
                flat(level).save(out, format="TIFF", tiffinfo=tags)
                out.newFrame()
        vars(out)["close"] = lambda: None  # Pillow's writer would close its file once more at its end, which Python 3.13 reports
        return path

    return write


REDUCED, ONE_OF_MANY, MASK, OLD_REDUCED = {254: 1}, {254: 2}, {254: 4}, {255: 2}


@pytest.mark.parametrize(
    ("pages", "levels"),
    [
        ([(10, {}), (90, REDUCED)], [10]),
        ([(90, REDUCED), (10, {})], [10]),
        ([(10, {}), (90, {254: 5})], [10]),
        ([(10, ONE_OF_MANY), (20, ONE_OF_MANY), (90, REDUCED), (30, ONE_OF_MANY)], [10, 20, 30]),
        ([(10, {}), (90, MASK)], [10]),
        ([(10, {255: 1}), (90, OLD_REDUCED)], [10]),
        ([(10, {}), (20, {})], [10, 20]),
    ],
)
def test_a_tiffs_reduced_copies_and_masks_are_no_pictures(pages: list[Page], levels: list[int], tiff) -> None:
    assert levels_of(tiff(*pages)) == (levels, len(levels), ())


def test_a_tiff_of_nothing_but_a_reduced_copy_is_refused(tiff) -> None:
    with pytest.raises(SourceUnreadable, match="only a reduced copy of a picture"):
        open_file(tiff((90, REDUCED)))


@pytest.mark.parametrize("others", [[(80, 60)], [(32, 24)], [(160, 120), (80, 60)]])
def test_the_other_images_of_a_phones_photograph_are_no_pictures(others: list[tuple[int, int]], tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    flat(16).save(path, format="MPO", save_all=True, append_images=[flat(240, size) for size in others])
    assert levels_of(path) == ([16], 1, ())
    path.write_bytes(path.read_bytes()[: path.read_bytes().rfind(b"\xff\xd8\xff")])  # a messenger keeps the first image only
    assert levels_of(path) == ([16], 1, ())


def test_the_image_of_an_apng_for_viewers_without_animation_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "clip.png"
    pictures = [flat(level) for level in (10, 90, 200)]
    flat(250).save(path, save_all=True, append_images=pictures, default_image=True, duration=50)
    assert levels_of(path) == ([10, 90, 200], 3, ())
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=50)
    assert levels_of(path) == ([10, 90, 200], 3, ())


def test_damage_behind_the_first_page_costs_the_pages_behind_it(tiff) -> None:
    path = tiff((10, {}), (20, {}), (30, {}))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.find(bytes([20]) * 100) + 200])
    levels, _, losses = levels_of(path)
    assert levels == [10]
    assert losses


@pytest.fixture(scope="module")
def whole_images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Animations and pages of noise with an alpha channel and an orientation, by the suffix that they are written with."""
    noise = np.random.default_rng(3).integers(0, 256, (3, 20, 16, 4), np.uint8)
    exif = Image.Exif()
    exif[274] = 6
    whole = {}
    for suffix in (".png", ".webp", ".tif", ".gif", ".jpg"):
        path = tmp_path_factory.mktemp("whole") / f"x{suffix}"
        first, *rest = [Image.fromarray(picture).convert("RGB" if suffix == ".jpg" else "RGBA") for picture in noise]
        first.save(path, format="MPO" if suffix == ".jpg" else None, save_all=True, append_images=rest, exif=exif.tobytes())
        whole[suffix] = path.read_bytes()
    return whole


@settings(max_examples=150)
@given(data=st.data())
def test_whatever_is_changed_or_cut_off_frames_or_an_error_of_ours(data: st.DataObject, whole_images, damaged) -> None:
    suffix = data.draw(st.sampled_from(sorted(whole_images)))
    whole = whole_images[suffix]
    place = st.one_of(st.integers(0, 300), st.integers(0, len(whole) - 1))
    changes = data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=6))
    path = damaged(f"changed{suffix}", whole, changes, data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole)))))
    with suppress(BridgeError):
        levels_of(path)


@pytest.mark.parametrize(
    ("sizes", "read"),
    [
        ([(64, 48), (16, 12)], [0]),
        ([(16, 12), (64, 48), (64, 48), (32, 24)], [1, 2]),
        ([(63, 47), (16, 12)], [0]),
        ([(64, 48), (40, 30)], [0, 1]),
        ([(64, 48), (16, 16)], [0, 1]),
    ],
)
def test_a_page_like_a_thumbnail_of_another_is_no_picture(sizes: list[tuple[int, int]], read: list[int], tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    first, *others = [flat(10 * number, size) for number, size in enumerate(sizes)]
    first.save(path, save_all=True, append_images=others)
    assert levels_of(path)[0] == [10 * number for number in read]
