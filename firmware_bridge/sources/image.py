"""Still and animated images (PNG, JPEG, GIF, BMP, TIFF, WebP) and folders of them, through Pillow: as viewers show them, over black."""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Grey
from firmware_bridge.sources.companions import is_companion
from firmware_bridge.sources.greys import all_transparent, over_black
from firmware_bridge.sources.pages import BROKEN, pages_of
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording, no_warnings, unreadable
from firmware_bridge.sources.upright import EXIF_TURNS, PixelShape, Turn, turned

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"})

PNG_STEPS = {"L;2": 85, "L;4": 17}
"""Pillow's names of grey PNGs of two and four bits, and the step from one of their levels to the next."""
WHITE = 255
GIF_RATIO_AT = 12
DEEP_MODES = ("I", "F")
"""Pillow's modes with more than eight bits per pixel begin with these."""


def open_image(path: Path) -> Recording:
    """Opens one image file; each page or animation frame becomes one picture.

    Raises:
        SourceUnreadable: not an image, cut off, deeper than eight bits, or nothing of it is to be seen.
    """
    with no_warnings(), _opened(path) as image:
        pages = _listed(path, image)
    with no_warnings(), _opened(path) as image:
        _grey(path, image, pages[0])
        if len(pages) == 1 and all_transparent(image):
            raise unreadable(path, "every pixel is transparent, so there is nothing to see", "Export it without transparency")
    return Recording(lambda lose: _pages(path, pages, lose), len(pages))


def open_folder(folder: Path) -> Recording:
    """Opens a folder of images as one recording, in natural order (2.png before 10.png); other files are ignored.

    Raises:
        SourceUnreadable: no image is directly in it.
    """
    files = sorted((f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and f.is_file() and not is_companion(f)), key=natural_order)
    if not files:
        raise unreadable(folder, "no image is directly in this folder", f"Name a file, or a folder with {', '.join(sorted(SUFFIXES))}")
    return Recording(lambda lose: _chain(files, lose))


def natural_order(path: Path) -> list[tuple[bool, int, str]]:
    """Sort key that compares numbers in a file's name as numbers."""
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in re.split(r"(\d+)", path.name.casefold()) if part]


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Opens an image for Pillow.

    It gets the open file, not its name: a file with a name it maps into memory in the size of the upright picture, and so garbles
    an uncompressed TIFF that lies on its side.
    """
    if path.stat().st_size == 0:
        raise unreadable(path, "the file is empty (0 bytes)")
    with path.open("rb") as file:
        try:
            with no_warnings():
                image = Image.open(file)
        except UnidentifiedImageError as error:
            raise unreadable(path, "it is not a readable image") from error
        except BROKEN as error:
            raise unreadable(path, f"it is not a readable image ({error})") from error
        yield image


def _listed(path: Path, image: Image.Image) -> Sequence[int]:
    try:
        pages = pages_of(image)
    except BROKEN as error:
        raise unreadable(path, f"the image is damaged or cut off ({error})") from error
    if not pages:
        raise unreadable(path, "it holds only a reduced copy of a picture", "Export the picture itself, in full size")
    return pages


def _grey(path: Path, image: Image.Image, page: int) -> Grey:
    """The picture of one page, upright and over black."""
    try:
        image.seek(page)
        if image.mode.startswith(DEEP_MODES):
            raise unreadable(path, f"it has more than 8 bits per pixel (mode {image.mode})", "Export it as an 8-bit image")
        _spread_transparency(image)
        shape, stored = _pixel_shape(path, image), _turn(image)
        image.load()
        turn = _turn(image)
        if "transpose" in stored and stored != turn:
            shape = PixelShape(shape.height, shape.width)
        return turned(shape.squared(over_black(image)), turn)
    except BROKEN as error:
        raise unreadable(path, f"the image is damaged or cut off ({error})") from error


def _turn(image: Image.Image) -> Turn:
    """What EXIF, or XMP where there is none, leaves to do: Pillow turns a TIFF as it loads it, and then takes the orientation away.

    Damage there leaves the pixels whole.
    """
    try:
        return EXIF_TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1), ())
    except BROKEN:
        return ()


def _pixel_shape(path: Path, image: Image.Image) -> PixelShape:
    """From the resolution, where it has a unit; without one, writers of PNG and JPEG disagree on which number is the width."""
    if image.format == "GIF":
        return _gif_shape(path)
    per_width, per_height = image.info.get("dpi") or image.info.get("resolution") or (1, 1)
    return PixelShape(float(per_height), float(per_width))


def _gif_shape(path: Path) -> PixelShape:
    """From the Pixel Aspect Ratio of GIF89a, section 18: 64 times the width to the height, less 15; 0 states nothing."""
    with path.open("rb") as file:
        ratio = file.read(GIF_RATIO_AT + 1)[GIF_RATIO_AT]
    return PixelShape((ratio + 15) / 64) if ratio else PixelShape()


def _spread_transparency(image: Image.Image) -> None:
    """A PNG of few bits states its transparent grey in its own levels; Pillow spreads the pixels over 0 to 255, but not that grey."""
    grey = image.info.get("transparency")
    if not (isinstance(image, ImageFile) and image.tile and isinstance(grey, int)):
        return
    step = PNG_STEPS.get(str(image.tile[0].args), 1)
    if grey * step <= WHITE:
        image.info["transparency"] = grey * step


def _pages(path: Path, pages: Sequence[int], lose: Lose) -> Generator[Picture, None, None]:
    at_us = 0
    with _opened(path) as image:
        for number, page in enumerate(pages):
            try:
                with no_warnings():
                    pixels = _grey(path, image, page)
            except SourceUnreadable:
                lose("undecodable", len(pages) - number)
                return
            lasts_us = round(image.info.get("duration", 0) * 1000) or UNTIMED_US
            yield Picture(pixels, at_us, lasts_us)
            at_us += lasts_us


def _chain(files: list[Path], lose: Lose) -> Generator[Picture, None, None]:
    start_us = 0
    for file in files:
        try:
            recording = open_image(file)
        except (SourceUnreadable, OSError):
            lose("unreadable image", 1)
            continue
        for picture in recording.pictures(lose):
            yield Picture(picture.pixels, start_us, picture.lasts_us)
            start_us += picture.lasts_us
