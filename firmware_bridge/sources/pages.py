"""Which pages of an image file are pictures in time; a preview, a gain map, a mask or a thumbnail is none."""

import struct
from collections.abc import Iterator, Sequence
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
        return list(_full_pages(image))
    pages = range(int(getattr(image, "n_frames", 1)))
    return pages[1:] if image.info.get("default_image") else pages  # APNG: an image for viewers without animation


def _full_pages(image: TiffImageFile) -> Iterator[int]:
    """A damaged page counts too, as nobody knows what it is, and nothing is found behind it."""
    for page in count():
        try:
            image.seek(page)
        except EOFError:
            return
        except BROKEN:
            yield page
            return
        if not (_kind(image, NEW_SUBFILE) & (REDUCED | MASK) or _kind(image, OLD_SUBFILE) == OLD_REDUCED):
            yield page


def _kind(image: TiffImageFile, tag: int) -> int:
    value = image.tag_v2.get(tag)
    return value if isinstance(value, int) else 0
