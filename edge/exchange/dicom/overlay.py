"""The class map over its frame in colour, with words below: a picture that every viewer shows as it is."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from edge.vision.field import Field
from edge.vision.region import Flags
from firmware_bridge.frame import Grey

if TYPE_CHECKING:
    from edge.exchange.dicom.syntax import Pixels

COLOUR = (64, 190, 255)
"""The same for every finding, as on the page: present is not always bad."""
STRONGEST = 0.55
"""Opacity of the map where the model is certain, as on the page."""
FONT_PX, LINE_PX, MARGIN_PX = 13, 17, 6


def overlay(grey: Grey, probabilities: NDArray[np.float32], field: Field, mask: Flags) -> "Pixels":
    """The frame (rows, columns) in RGB with the map (map rows, map columns; 0 to 1) over its `field`, where `mask` is ultrasound.

    Probabilities of a half and less leave no colour.
    """
    rows, columns = grey.shape
    across, down = probabilities.shape[1] / field.width, probabilities.shape[0] / field.height
    opacity = Image.fromarray((STRONGEST * np.clip(2 * probabilities - 1, 0, 1)).astype(np.float32))
    place = (across, 0.0, -field.left * across, 0.0, down, -field.top * down)
    spread = opacity.transform((columns, rows), Image.Transform.AFFINE, place, Image.Resampling.BILINEAR)
    share = (np.asarray(spread, np.float32) * mask)[:, :, np.newaxis]
    mixed = grey[:, :, np.newaxis] * (1 - share) + np.asarray(COLOUR, np.float32) * share
    return np.rint(mixed).astype(np.uint8)


def captioned(picture: "Pixels", lines: Iterable[str]) -> "Pixels":
    """The picture (rows, columns, 3) with the lines in white on black below it; no pixel of it is covered."""
    font, (_, columns, _) = ImageFont.load_default(FONT_PX), picture.shape
    wrapped = [part for line in lines for part in _wrapped(line, font, columns - 2 * MARGIN_PX)]
    band = Image.new("RGB", (columns, len(wrapped) * LINE_PX + 2 * MARGIN_PX))
    draw = ImageDraw.Draw(band)
    for number, line in enumerate(wrapped):
        draw.text((MARGIN_PX, MARGIN_PX + number * LINE_PX), line, "white", font)
    return np.concatenate([picture, np.asarray(band, np.uint8)])


def _wrapped(line: str, font: "ImageFont.FreeTypeFont | ImageFont.ImageFont", width: int) -> Iterator[str]:
    taken: list[str] = []
    for word in line.split():
        if taken and font.getlength(_joined(taken, word)) > width:
            yield " ".join(taken)
            taken = []
        taken.append(word)
    yield " ".join(taken)


def _joined(words: Sequence[str], word: str) -> str:
    return " ".join((*words, word))
