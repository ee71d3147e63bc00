"""The colours of an object whose pixels are indices. PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut

COLOURS = ("Red", "Green", "Blue")
INDICES = np.arange(256)
BYTE, BYTE_BITS, WORD_BITS = 255, 8, 16
NO_ENTRIES = 65536
"""A descriptor of two bytes states this number as 0; so does a descriptor that has no number at all."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One colour: the entries, one or two bytes wide as stored, for the indices from `first` on."""

    first: int
    entries: NDArray[np.uint16]
    words: bool


def palette_rgb(dataset: Dataset) -> NDArray[np.uint8]:
    """The colour (256, 3) of each index of eight bits.

    Raises:
        AttributeError, ValueError: a table or its descriptor is absent or empty.
    """
    if "SegmentedRedPaletteColorLookupTableData" in dataset:
        segmented: NDArray[np.uint8 | np.uint16] = apply_color_lut(INDICES.astype(np.uint8)[np.newaxis], dataset)[0]
        return (segmented >> 8 if segmented.dtype == np.uint16 else segmented).astype(np.uint8)
    columns = [_column(dataset, colour) for colour in COLOURS]
    shift = _shift(max(int(column.entries.max()) for column in columns), int(dataset.RedPaletteColorLookupTableDescriptor[2]))
    return np.stack([_looked_up(column, shift if column.words else 0) for column in columns], axis=-1)


def _shift(greatest: int, stated_bits: int) -> int:
    """By how many bits the words of a table are deeper than bytes. One colour alone may be dark; all three are not.

    Some machines write entries of eight bits as words with an empty upper byte, or of the depth of their screens, such as 12 bits.
    """
    if greatest <= BYTE:
        return 0
    narrow = BYTE_BITS < stated_bits < WORD_BITS and greatest < 1 << stated_bits
    return (stated_bits if narrow else WORD_BITS) - BYTE_BITS


def _column(dataset: Dataset, colour: str) -> _Column:
    count, first = (int(value) for value in dataset[f"{colour}PaletteColorLookupTableDescriptor"].value[:2])
    data = dataset[f"{colour}PaletteColorLookupTableData"].value
    if not isinstance(data, bytes):
        return _Column(first, np.atleast_1d(np.asarray(data, np.uint16)), words=True)
    little = dataset.original_encoding[1] is not False
    count = count or NO_ENTRIES
    if len(data) < count:
        count = min(count, len(INDICES))
    if len(data) >= 2 * count:
        return _Column(first, np.frombuffer(data[: 2 * count], "<u2" if little else ">u2").astype(np.uint16), words=True)
    entries = np.frombuffer(data, np.uint8)
    swapped = not little and dataset[f"{colour}PaletteColorLookupTableData"].VR == "OW"
    return _Column(first, (entries.reshape(-1, 2)[:, ::-1].reshape(-1) if swapped else entries).astype(np.uint16), words=False)


def _looked_up(column: _Column, shift: int) -> NDArray[np.uint8]:
    """An index before the first entry has the first, one after the last has the last."""
    return (column.entries[np.clip(INDICES - column.first, 0, len(column.entries) - 1)] >> shift).astype(np.uint8)
