"""Samples of any kind as grey pixels, by one stated rule."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from firmware_bridge.frame import Grey


def to_grey_pixels(samples: "NDArray[np.generic]") -> Grey:
    """(rows, columns, components) to (rows, columns).

    Eight bits stay unchanged, colour becomes its luma, and a fourth component is how opaque a pixel is over black. Deeper samples are
    spread over 0 to 255, from the least to the greatest of the picture; values that are not finite count as 0.
    """
    if samples.dtype == np.uint8:
        eight = samples.astype(np.uint8, copy=False)
        if eight.shape[2] < 3:
            return eight[:, :, 0]
        colour = luma(eight[:, :, :3])
        return _over_black(colour, eight[:, :, 3]) if eight.shape[2] == 4 else colour
    with np.errstate(over="ignore", invalid="ignore"):
        deep = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0).mean(axis=2)
        least, span = float(deep.min()), float(deep.max() - deep.min())
        if not (np.isfinite(span) and span > 0):
            return np.zeros(deep.shape, np.uint8)
        grey: Grey = np.clip(np.round((deep - least) * (255 / span)), 0, 255).astype(np.uint8)
        return grey


def luma(rgb: "NDArray[np.generic]") -> Grey:
    """The brightness of (rows, columns, 3) red, green and blue of eight bits."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb, np.uint8)).convert("L"))


def _over_black(grey: Grey, opaque: Grey) -> Grey:
    """A picture of no opacity at all is one whose writer left the fourth component unused."""
    if not opaque.any():
        return grey
    return np.asarray(ImageChops.multiply(Image.fromarray(grey), Image.fromarray(np.ascontiguousarray(opaque))))


def over_black(image: Image.Image) -> Grey:
    """(rows, columns) luma of an 8-bit image of any mode, over black: what is transparent is nothing, and nothing is black in ultrasound.

    The colour under a transparent pixel is arbitrary, and often white.
    """
    grey, opaque = image.convert("L"), _opaque(image)
    return np.asarray(grey if opaque is None else ImageChops.multiply(grey, opaque))


def all_transparent(image: Image.Image) -> bool:
    """Whether no pixel is to be seen."""
    opaque = _opaque(image)
    return opaque is not None and opaque.getbbox() is None


def _opaque(image: Image.Image) -> Image.Image | None:
    """How opaque each pixel is, 0 to 255; None if all are.

    Pillow's own `has_transparency_data` fails on a GIF without a palette.
    """
    modes = image.mode, image.palette.mode if image.palette is not None else ""
    if "transparency" in image.info or any(mode.upper().endswith("A") for mode in modes):
        return image.convert("RGBA").getchannel("A")
    return None
