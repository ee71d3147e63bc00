from pathlib import Path
from typing import IO

import numpy as np
import pytest
from PIL import Image

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file
from firmware_bridge.sources.image import natural_order

GRADIENT = np.add.outer(np.arange(40, dtype=np.uint8), 5 * np.arange(30, dtype=np.uint8))


def frames_of(path: Path) -> list[Frame]:
    with open_file(path) as source:
        return list(source.frames())


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".bmp", ".tif", ".gif"])
def test_a_lossless_grey_image_is_one_frame_with_its_pixels(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"still{suffix}"
    Image.fromarray(GRADIENT).save(path)
    (frame,) = frames_of(path)
    np.testing.assert_array_equal(frame.pixels, GRADIENT)
    assert (frame.sequence, frame.captured_us, frame.simulated) == (0, 0, False)
    assert not frame.pixels.flags.writeable


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1"])
def test_other_modes_become_grey_as_pillow_does_it(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    image = Image.fromarray(GRADIENT).convert(mode)
    image.save(path)
    np.testing.assert_array_equal(frames_of(path)[0].pixels, np.asarray(image.convert("L")))


def test_colours_weigh_as_luma(tmp_path: Path) -> None:
    path = tmp_path / "colours.png"
    Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)).save(path)
    assert frames_of(path)[0].pixels.tolist() == [[76, 150, 29]]


def test_a_gif_plays_with_its_own_durations(tmp_path: Path) -> None:
    path = tmp_path / "clip.gif"
    first, *rest = [Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (10, 90, 200)]
    first.save(path, save_all=True, append_images=rest, duration=[50, 120, 70])
    frames = frames_of(path)
    assert [int(frame.pixels[0, 0]) for frame in frames] == [10, 90, 200]
    assert [frame.captured_us for frame in frames] == [0, 50_000, 170_000]


def test_a_gif_keeps_every_pixel_where_a_palette_comes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "clip.gif"
    noise = np.random.default_rng(1).integers(0, 256, (100, 100), np.uint8)
    pictures = [noise, np.minimum(noise, 254), noise[::-1]]
    first, *rest = map(Image.fromarray, pictures)
    first.save(path, save_all=True, append_images=rest, duration=40)
    np.testing.assert_array_equal([frame.pixels for frame in frames_of(path)], pictures)


def test_a_folder_is_read_in_natural_order_without_its_other_files(tmp_path: Path) -> None:
    for number in (10, 9, 1, 100):
        Image.fromarray(np.full((8, 8), number, np.uint8)).save(tmp_path / f"frame{number}.png")
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "deeper.png").mkdir()
    frames = frames_of(tmp_path)
    assert [int(frame.pixels[0, 0]) for frame in frames] == [1, 9, 10, 100]
    assert [frame.captured_us for frame in frames] == [0, 40_000, 80_000, 120_000]


def test_natural_order_sorts_any_mixture_of_names() -> None:
    names = ["10.png", "9.png", "a2b10.png", "a2b9.png", "A1.png", "_.png", "²3.png"]
    assert [path.name for path in sorted(map(Path, names), key=natural_order)] == [
        "9.png", "10.png", "_.png", "A1.png", "a2b9.png", "a2b10.png", "²3.png"
    ]  # fmt: skip


def test_damaged_images_in_a_folder_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    for number in range(4):
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (64, 64), np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "1.png").write_bytes(b"")
    (tmp_path / "2.png").write_bytes((tmp_path / "3.png").read_bytes()[:150])
    with open_file(tmp_path) as source:
        assert len(list(source.frames())) == 2
        assert [(loss.cause, loss.frames) for loss in source.losses] == [("unreadable image", 2)]


def test_an_image_of_a_folder_that_cannot_be_opened_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        Image.fromarray(GRADIENT).save(tmp_path / f"{number}.png")

    def refuse(path: Path, *args: str) -> IO[bytes]:
        if path.name == "1.png":
            raise PermissionError(13, "Permission denied", str(path))
        return open(path, *args)  # noqa: PTH123 - Path.open is the one replaced

    monkeypatch.setattr(Path, "open", refuse)
    with open_file(tmp_path) as source:
        assert len(list(source.frames())) == 1
        assert [(loss.cause, loss.frames) for loss in source.losses] == [("unreadable image", 1)]


def test_a_folder_of_nothing_but_damage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    with open_file(tmp_path) as source, pytest.raises(SourceUnreadable, match="no frame could be decoded"):
        list(source.frames())


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="no image is directly in this folder"):
        open_file(tmp_path)


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_more_than_eight_bits_are_refused_and_not_squeezed(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    Image.new(mode, (8, 8), 300).save(path)
    with pytest.raises(SourceUnreadable, match="more than 8 bits") as caught:
        open_file(path)
    assert "8-bit" in caught.value.fix


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".bmp", ".tif"])
@pytest.mark.parametrize("keep", [0.0, 0.02, 0.6])
def test_an_image_cut_off_is_refused(suffix: str, keep: float, tmp_path: Path) -> None:
    path = tmp_path / f"still{suffix}"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(SourceUnreadable, match=str(path)):
        open_file(path)


@pytest.mark.parametrize(
    "name",
    [
        "butterfly_axial-lateral-resolution-2020.png",
        "clarius-ocular-image.png",
        "clarius_axial-lateral-resolution-2020.png",
        "interson-image-annotation.jpg",
        "interson-image.jpg",
        "interson-phantom.png",
        "sonosite-anon-eye1.jpg",
    ],
)
def test_stills_of_many_makers_are_read(name: str, data_folder: Path) -> None:
    path = data_folder / "itkpocus_clips" / name
    (frame,) = frames_of(path)
    with Image.open(path) as image:
        assert frame.pixels.shape == (image.height, image.width)
    assert frame.pixels.std() > 10
