"""How the samples of an uncompressed frame lie. PS3.3 C.7.6.3.1.2 and C.7.6.3.1.3, PS3.5 8.1 and 8.2."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.sources.dicom.labels import HALVED, Labels

Samples = NDArray[np.uint8] | NDArray[np.uint16]
"""(rows, columns), or (rows, columns, 3) for colour."""

PADDING = 1
"""A value has an even number of bytes, so that one may follow the last frame."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`samples` takes the bytes of one frame. `either_order`: its colours lie by pixel or by plane, as PlanarConfiguration states."""

    frame_bytes: int
    samples: Callable[[bytes], Samples]
    either_order: bool = False


def layout_of(labels: Labels, stated_bytes: int) -> Layout:
    """The layout, among those that the labels allow, whose frames fill the stated number of bytes."""
    options = _options(labels)
    if labels.frames is not None:
        for option in options:
            if 0 <= stated_bytes - labels.frames * option.frame_bytes <= PADDING:
                return option
    return next((option for option in options if stated_bytes % option.frame_bytes <= PADDING), options[0])


def _options(labels: Labels) -> list[Layout]:
    full = Layout(labels.rows * labels.columns * labels.samples * (labels.allocated // 8), partial(_full, labels), labels.samples > 1)
    if labels.kind not in HALVED or labels.samples != 3 or labels.allocated != 8:
        return [full]
    pairs = -(-labels.rows * labels.columns // 2)
    pairs_of_row = -(-labels.columns // 2)
    return [
        Layout(4 * pairs, partial(_luma_of_pairs, 1, labels.rows * labels.columns, labels)),
        Layout(4 * pairs_of_row * labels.rows, partial(_luma_of_pairs, labels.rows, labels.columns, labels)),
        full,  # with a label that tells how the pixels were compressed before
    ]


def _full(labels: Labels, data: bytes) -> Samples:
    samples: Samples = np.frombuffer(data, np.uint8) if labels.allocated == 8 else np.frombuffer(data, "<u2").astype(np.uint16)
    if labels.samples == 1:
        return samples.reshape(labels.rows, labels.columns)
    if labels.planar:
        return np.moveaxis(samples.reshape(labels.samples, labels.rows, labels.columns), 0, -1)
    return samples.reshape(labels.rows, labels.columns, labels.samples)


def _luma_of_pairs(lines: int, length: int, labels: Labels, data: bytes) -> Samples:
    """The luma alone of `lines` lines of `length` pixels, where two pixels are Y Y Cb Cr and an odd line has one Y too many."""
    pairs = np.frombuffer(data, np.uint8).reshape(lines, -1, 4)
    return pairs[:, :, :2].reshape(lines, -1)[:, :length].reshape(labels.rows, labels.columns)
