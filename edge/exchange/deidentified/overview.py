"""The picture for the person who checks a de-identified export: each object before and after, a row each.

The left half shows the patient's data as it was, so this file stays with the site and is never part of the export.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from edge.disk.durable import OWNER, replacing
from edge.exchange.deidentified.pixels import PixelCleaner, Pixels

SIDE, LINE, GAP = 320, 14, 8
"""Each picture fits a square of this side, in pixels, below a line of text and apart from the others."""
FRAME = "#ff8800"


def pair_of(name: str, cleaner: PixelCleaner) -> Image.Image:
    """One row: the brightest value that each pixel ever has, so that text which is shown for a moment is seen, before and after."""
    return row_of(name, _brightest(cleaner.before()), _brightest(cleaner.frames()))


def row_of(name: str, before: Pixels, after: Pixels) -> Image.Image:
    """One row of two pictures."""
    row = Image.new("RGB", (2 * SIDE + 3 * GAP, SIDE + LINE + GAP))
    draw = ImageDraw.Draw(row)
    for place, (word, pixels) in enumerate((("before", before), ("after", after))):
        picture = ImageOps.contain(Image.fromarray(pixels).convert("RGB"), (SIDE, SIDE))
        left = GAP + place * (SIDE + GAP)
        draw.text((left, 0), f"{name}: {word}", fill="white")
        draw.rectangle((left - 1, LINE - 1, left + picture.width, LINE + picture.height), outline=FRAME)
        row.paste(picture, (left, LINE))
    return row


def write_overview(pairs: Sequence[Image.Image], path: Path) -> None:
    """Writes the rows below each other as one PNG, which only its owner is allowed to read.

    Raises:
        OSError: the disk refuses it.
    """
    sheet = Image.new("RGB", (pairs[0].width, sum(pair.height for pair in pairs)))
    top = 0
    for pair in pairs:
        sheet.paste(pair, (0, top))
        top += pair.height
    with replacing(path, OWNER) as file:
        sheet.save(file, "PNG")


def _brightest(frames: Iterable[Pixels]) -> Pixels:
    brightest: Pixels | None = None
    for frame in frames:
        brightest = frame.copy() if brightest is None else np.maximum(brightest, frame)
    if brightest is None:
        raise ValueError("an object without frames")
    return brightest
