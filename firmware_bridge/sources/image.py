"""Still and animated images (PNG, JPEG, GIF, BMP, TIFF) and folders of them, through Pillow."""

import re
from collections.abc import Generator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Grey
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording, no_warnings, unreadable

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff"})

BROKEN = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)
"""The errors that Pillow raises on damaged files, by format."""

DEEP_MODES = ("I", "F")
"""Pillow's modes with more than eight bits per pixel begin with these."""


def open_image(path: Path) -> Recording:
    """Opens one image file; each page or animation frame becomes one picture.

    Raises:
        SourceUnreadable: not an image, cut off, or deeper than eight bits.
    """
    with no_warnings(), _opened(path) as image:
        frames = int(getattr(image, "n_frames", 1))
        _grey(path, image)
    return Recording(lambda lose: _pages(path, lose), frames)


def open_folder(folder: Path) -> Recording:
    """Opens a folder of images as one recording, in natural order (2.png before 10.png); other files are ignored.

    Raises:
        SourceUnreadable: no image is directly in it.
    """
    files = sorted((f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and f.is_file()), key=natural_order)
    if not files:
        raise unreadable(folder, "no image is directly in this folder", f"Name a file, or a folder with {', '.join(sorted(SUFFIXES))}")
    return Recording(lambda lose: _chain(files, lose))


def natural_order(path: Path) -> list[tuple[bool, int, str]]:
    """Sort key that compares numbers in a file's name as numbers."""
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in re.split(r"(\d+)", path.name.casefold()) if part]


def _opened(path: Path) -> Image.Image:
    if path.stat().st_size == 0:
        raise unreadable(path, "the file is empty (0 bytes)")
    try:
        return Image.open(path)
    except UnidentifiedImageError as error:
        raise unreadable(path, "it is not a readable image") from error
    except BROKEN as error:
        raise unreadable(path, f"it is not a readable image ({error})") from error


def _grey(path: Path, image: Image.Image) -> Grey:
    if image.mode.startswith(DEEP_MODES):
        raise unreadable(path, f"it has more than 8 bits per pixel (mode {image.mode})", "Export it as an 8-bit image")
    try:
        return np.asarray(image.convert("L"))
    except BROKEN as error:
        raise unreadable(path, f"the image is damaged or cut off ({error})") from error


def _pages(path: Path, lose: Lose) -> Generator[Picture, None, None]:
    at_us = 0
    with no_warnings():
        image = _opened(path)
    with image:
        count = int(getattr(image, "n_frames", 1))
        for page in range(count):
            try:
                with no_warnings():
                    image.seek(page)
                    pixels = _grey(path, image)
            except (*BROKEN, SourceUnreadable):
                lose("undecodable", count - page)
                return
            lasts_us = round(image.info.get("duration", 0) * 1000) or UNTIMED_US
            yield Picture(pixels, at_us, lasts_us)
            at_us += lasts_us


def _chain(files: list[Path], lose: Lose) -> Generator[Picture, None, None]:
    start_us = 0
    for file in files:
        try:
            recording = open_image(file)
        except SourceUnreadable:
            lose("unreadable image", 1)
            continue
        for picture in recording.pictures(lose):
            yield Picture(picture.pixels, start_us, picture.lasts_us)
            start_us += picture.lasts_us
