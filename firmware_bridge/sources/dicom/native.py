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


def layouts_of(labels: Labels, stated_bytes: int) -> list[Layout]:
    """The layouts, among those that the labels allow, whose frames fill the stated number of bytes; they all have the same size."""
    options = _options(labels)
    fitting = [option for option in options if 0 <= stated_bytes - (labels.frames or 0) * option.frame_bytes <= PADDING]
    filling = [option for option in options if stated_bytes % option.frame_bytes <= PADDING]
    chosen = fitting or filling or options
    return [option for option in chosen if option.frame_bytes == chosen[0].frame_bytes]


def smoothest(layouts: list[Layout], frame: bytes) -> Layout:
    """The layout in which a row is most like the next: in any other, colours stand where luma should."""
    if len(layouts) == 1:
        return layouts[0]
    return min(layouts, key=lambda layout: float(np.abs(np.diff(layout.samples(frame).astype(int), axis=0)).sum()))


def _options(labels: Labels) -> list[Layout]:
    full = Layout(labels.rows * labels.columns * labels.samples * (labels.allocated // 8), partial(_full, labels), labels.samples > 1)
    if labels.kind not in HALVED or labels.samples != 3 or labels.allocated != 8:
        return [full]
    rows, columns = labels.rows, labels.columns
    # The standard wants an even width. With an odd one, two rows share a pair, or a row is filled up to a pair, or ends in mid-pair.
    lines = [(1, 2 * rows * columns)]
    if columns % 2:
        lines += [(1, 2 * rows * columns + 2), (rows, 2 * columns + 2), (rows, 2 * columns)]
    # The last layout is of a label that tells how the pixels were compressed before.
    return [*(Layout(count * length, partial(_luma_of_pairs, count, labels)) for count, length in lines), full]


def _full(labels: Labels, data: bytes) -> Samples:
    samples: Samples = np.frombuffer(data, np.uint8) if labels.allocated == 8 else np.frombuffer(data, "<u2").astype(np.uint16)
    if labels.samples == 1:
        return samples.reshape(labels.rows, labels.columns)
    if labels.planar:
        return np.moveaxis(samples.reshape(labels.samples, labels.rows, labels.columns), 0, -1)
    return samples.reshape(labels.rows, labels.columns, labels.samples)


def _luma_of_pairs(lines: int, labels: Labels, data: bytes) -> Samples:
    """The luma alone of lines of pixels, where each two are Y Y Cb Cr."""
    stored = np.frombuffer(data, np.uint8).reshape(lines, -1)
    pairs = np.pad(stored, ((0, 0), (0, -stored.shape[1] % 4))).reshape(lines, -1, 4)
    luma = pairs[:, :, :2].reshape(lines, -1)
    return luma[:, : labels.rows * labels.columns // lines].reshape(labels.rows, labels.columns)
