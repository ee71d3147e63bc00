"""Which pages of an image file are pictures in time; a preview, a gain map, a mask or a thumbnail is none."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

NEW_SUBFILE, OLD_SUBFILE = 254, 255
REDUCED, MASK = 1, 4
"""Bits of TIFF 6.0's NewSubfileType: a smaller copy of another page, and a page that only masks another one."""
OLD_REDUCED = 2
"""The value of TIFF's earlier SubfileType for a smaller copy."""

BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, struct.error, Image.DecompressionBombError)
"""The errors that Pillow raises on damaged files, by format."""


def pages_of(image: Image.Image) -> Sequence[int]:
    """The numbers of the pages to read, in their order; none if the file holds reduced copies only.

    The image is left at any page.
    """
    if image.format == "MPO":  # CIPA DC-007: the first image is the picture, the others are for its display
        return [0]
    if isinstance(image, TiffImageFile):
        return _without_small_copies(dict(_full_pages(image)))
    pages = range(int(getattr(image, "n_frames", 1)))
    return pages[1:] if image.info.get("default_image") else pages  # APNG: an image for viewers without animation


Size = tuple[int, int]


def _without_small_copies(pages: Mapping[int, Size]) -> list[int]:
    """A page of the shape of the largest one, and of half its length or less, is its thumbnail, whose writer did not mark it as such."""
    width, height = max(pages.values(), key=lambda size: size[0] * size[1], default=(0, 0))
    return [
        page
        for page, (across, down) in pages.items()
        if not (0 < 2 * across <= width and abs(across * height - down * width) <= max(width, height))
    ]


def _full_pages(image: TiffImageFile) -> Iterator[tuple[int, Size]]:
    """The number and the size of each page that is not marked as a copy.

    A damaged page counts too, without a size, as nobody knows what it is, and nothing is found behind it.
    """
    for page in count():
        try:
            image.seek(page)
        except EOFError:
            return
        except BROKEN:
            yield page, (0, 0)
            return
        if not (_kind(image, NEW_SUBFILE) & (REDUCED | MASK) or _kind(image, OLD_SUBFILE) == OLD_REDUCED):
            yield page, image.size


def _kind(image: TiffImageFile, tag: int) -> int:
    value = image.tag_v2.get(tag)
    return value if isinstance(value, int) else 0
