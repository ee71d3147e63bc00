"""From the samples of an object to grey."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom import Dataset

from firmware_bridge.frame import Grey
from firmware_bridge.sources.dicom.labels import GREY, INVERTED, PALETTE, Labels
from firmware_bridge.sources.dicom.native import Samples
from firmware_bridge.sources.dicom.palette import palette_rgb
from firmware_bridge.sources.greys import luma
from firmware_bridge.sources.recorded import unreadable

WHITE = 255
DARK, SPAN = 16, 219
"""ITU-R BT.601: the luma of black, and from there to white, in a picture with the label YBR_PARTIAL."""
STRETCHED: Grey = np.clip((np.arange(WHITE + 1) - DARK) * (WHITE / SPAN), 0, WHITE).round().astype(np.uint8)

ToGrey = Callable[[Samples], Grey]


def first_sample(ybr: Samples) -> Grey:
    """The luma of (rows, columns, 3) luma and chroma, or of luma alone."""
    return np.ascontiguousarray(ybr if ybr.ndim == 2 else ybr[..., 0], np.uint8)


def partial_luma(ybr: Samples) -> Grey:
    """The luma of a picture that has black at 16 and white at 235."""
    luma_levels: Grey = STRETCHED[first_sample(ybr)]
    return luma_levels


def eight_bits(labels: Labels, samples: Samples) -> Grey:
    """The stored bits alone: the other bits of a sample can hold anything."""
    low = max(0, labels.high + 1 - labels.bits)
    if samples.dtype == np.uint8 and labels.bits == 8:
        return samples.astype(np.uint8, copy=False)
    return ((samples >> low) & ((1 << labels.bits) - 1)).astype(np.uint8)


def grey_of_one_sample(path: Path, dataset: Dataset, labels: Labels) -> ToGrey:
    """What turns samples (rows, columns) of eight bits or fewer to grey.

    Raises:
        SourceUnreadable: the kind of pixel is not known, or has no colours.
    """
    most = (1 << labels.bits) - 1
    levels = (np.minimum(np.arange(WHITE + 1), most) * (WHITE / most)).round().astype(np.uint8)
    if labels.kind == GREY:
        table = levels
    elif labels.kind == INVERTED:
        table = ~levels
    elif labels.kind == PALETTE:
        table = luma(palette_rgb(dataset)[np.newaxis])[0]
    else:
        raise unreadable(path, f"its pixels have the unknown kind '{labels.kind}'", "Export it in grey (MONOCHROME2) or RGB")
    if np.array_equal(table, np.arange(WHITE + 1)):
        return lambda samples: eight_bits(labels, samples)
    return lambda samples: table[eight_bits(labels, samples)]
