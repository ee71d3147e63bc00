"""A DICOM file without its pixels in memory: its attributes, and where the pixels lie. PS3.10 7, PS3.5 7.1 and A."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import unpack
from typing import BinaryIO

from pydicom import Dataset
from pydicom.filereader import read_dataset, read_preamble
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from firmware_bridge.sources.recorded import unreadable

META_GROUP = 0x0002
BARE = (b"\x02\x00", b"\x08\x00")
"""The first group, in little endian, of an object that a program wrote without the preamble or without the whole head of a file."""
PIXEL_DATA = 0x7FE00010
LONG_VRS = (b"OB", b"OW", b"UN")
"""VRs of pixels; a length of four bytes follows two unused ones."""
UNDEFINED = 0xFFFFFFFF
DEFER_BYTES = 1_000_000
"""A longer attribute, such as raw data of the machine, stays on the disk: none that is used here is as long."""
MOST_INFLATED, CHUNK = 64_000_000, 65_536
"""An object that is deflated as a whole has to be held in memory, whatever size its few bytes grow to."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object on disk. `open` gives its bytes, inflated; the value of its pixels begins at `start` and ends at `end`.

    `stated_bytes` is the length that the object states, None for an undefined length. `swapped`: bytes were written as big-endian words.
    """

    dataset: Dataset
    syntax: UID
    open: Callable[[], BinaryIO]
    start: int
    end: int
    stated_bytes: int | None
    swapped: bool


def read_stored(path: Path) -> Stored:
    """Reads everything of a DICOM file up to its pixels.

    Raises:
        SourceUnreadable: no pixels, or too large when inflated.
        InvalidDicomError: no DICOM file. A damaged one raises any error of pydicom.
    """
    with path.open("rb") as file:
        bare = file.read(2) in BARE
        file.seek(0)
        read_preamble(file, force=bare)
        meta = read_dataset(file, False, True, stop_when=lambda tag, vr, length: tag.group != META_GROUP)  # noqa: ARG005
        syntax = UID(meta.TransferSyntaxUID) if meta or not bare else ImplicitVRLittleEndian
        if syntax == DeflatedExplicitVRLittleEndian:
            inflated = _inflated(path, file)
            return _stored(path, syntax, BytesIO(inflated), lambda: BytesIO(inflated))
        return _stored(path, syntax, file, lambda: path.open("rb"))


def _stored(path: Path, syntax: UID, file: BinaryIO, opener: Callable[[], BinaryIO]) -> Stored:
    little = syntax != ExplicitVRBigEndian
    dataset = read_dataset(file, syntax == ImplicitVRLittleEndian, little, stop_when=_at_pixels, defer_size=DEFER_BYTES)
    order = "<" if little else ">"
    tag, vr = file.read(4), file.read(2)
    length = file.read(6)[2:] if vr in LONG_VRS else vr + file.read(2)
    if len(length) < 4 or unpack(f"{order}HH", tag) != (PIXEL_DATA >> 16, PIXEL_DATA & 0xFFFF):
        raise unreadable(
            path,
            "the DICOM object has no pixels (no PixelData), or is cut off before them",
            "Export the image or cine itself, not a report or a presentation state",
        )
    (stated,) = unpack(f"{order}L", length)
    start = file.tell()
    size = file.seek(0, 2)
    end = size if stated == UNDEFINED else min(size, start + stated)
    return Stored(dataset, syntax, opener, start, end, None if stated == UNDEFINED else stated, not little and vr == b"OW")


def _at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:  # noqa: ARG001 - pydicom calls it so
    return int(tag) >= PIXEL_DATA


def _inflated(path: Path, file: BinaryIO) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = BytesIO()
    while not inflater.eof and (chunk := inflater.unconsumed_tail or file.read(CHUNK)):
        inflated.write(inflater.decompress(chunk, CHUNK))
        if inflated.tell() > MOST_INFLATED:
            raise unreadable(
                path, f"it is deflated and grows to more than {MOST_INFLATED // 1_000_000} MB", "Export it uncompressed, as JPEG or as MP4"
            )
    inflated.write(inflater.flush())
    if not inflater.eof:
        raise unreadable(path, "cut off: its deflated bytes have no end")
    return inflated.getvalue()
