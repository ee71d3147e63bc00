"""Writes an object with its pixels frame by frame, so that memory stays flat; it has its name only when it is complete (PS3.5 8, A.4)."""

import struct
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.filewriter import dcmwrite

from edge.disk.durable import replacing
from edge.exchange.dicom.errors import not_written
from edge.exchange.dicom.syntax import LOSSY_METHOD, Pixels, Policy
from firmware_bridge.errors import SourceUnreadable

_PIXEL_DATA: Final = struct.Struct("<HH2sHI")
_ITEM: Final = struct.Struct("<HHI")
_OFFSET: Final = struct.Struct("<I")
UNDEFINED = 0xFFFFFFFF
ITEM, END = 0xE000, 0xE0DD
"""Elements of group FFFE."""
_RATIO = "{:012.4f}"
"""Of fixed length, so that the ratio can be filled in once all frames are coded."""


def write_object(path: Path, dataset: Dataset) -> None:
    """Writes an object without pixels, or one whose pixels are small and in it.

    Raises:
        DicomNotWritten: the disk refuses it.
    """
    try:
        with replacing(path) as file:
            file.write(_bytes_of(dataset))
    except OSError as error:
        raise not_written(path, error) from error


def write_frames(path: Path, dataset: Dataset, frames: Iterable[Pixels], policy: Policy) -> None:
    """Writes an object with the pixels of its `NumberOfFrames` frames, or of one frame; `dataset` becomes that of the object.

    Raises:
        DicomNotWritten: the disk refuses it.
        SourceUnreadable: there are fewer or more frames than announced.
        BridgeError: the frames cannot be read.
    """
    expected, samples = int(dataset.get("NumberOfFrames", 1)), int(dataset.SamplesPerPixel)
    frame_bytes = int(dataset.Rows) * int(dataset.Columns) * samples
    if policy.lossy:
        dataset.LossyImageCompression, dataset.LossyImageCompressionMethod = "01", LOSSY_METHOD
        dataset.LossyImageCompressionRatio = _RATIO.format(0)
    try:
        with replacing(path) as file:
            file.write(_bytes_of(dataset))
            written = _in_items(file, frames, expected, policy) if policy.in_items else _native(file, frames, expected, frame_bytes)
            if policy.lossy:
                dataset.LossyImageCompressionRatio = _RATIO.format(expected * frame_bytes / written)
                file.seek(0)
                file.write(_bytes_of(dataset))
    except OSError as error:
        raise not_written(path, error) from error


def _bytes_of(dataset: Dataset) -> bytes:
    head = BytesIO()
    dcmwrite(head, dataset, enforce_file_format=True)
    return head.getvalue()


def _native(file: BinaryIO, frames: Iterable[Pixels], expected: int, frame_bytes: int) -> int:
    size, count = expected * frame_bytes, 0
    file.write(_PIXEL_DATA.pack(0x7FE0, 0x0010, b"OB", 0, size + size % 2))
    for pixels in frames:
        file.write(np.ascontiguousarray(pixels).data)
        count += 1
    _require(count, expected)
    file.write(b"\0" * (size % 2))
    return size


def _in_items(file: BinaryIO, frames: Iterable[Pixels], expected: int, policy: Policy) -> int:
    """One item a frame, after a table of their places; returns the bytes of all frames."""
    file.write(_PIXEL_DATA.pack(0x7FE0, 0x0010, b"OB", 0, UNDEFINED))
    file.write(_ITEM.pack(0xFFFE, ITEM, expected * _OFFSET.size))
    table = file.tell()
    file.write(bytes(expected * _OFFSET.size))
    first, size, places = file.tell(), 0, list[int]()
    for pixels in frames:
        code = policy.coded(pixels)
        places.append(file.tell() - first)
        file.write(_ITEM.pack(0xFFFE, ITEM, len(code) + len(code) % 2))
        file.write(code + b"\0" * (len(code) % 2))
        size += len(code)
    _require(len(places), expected)
    file.write(_ITEM.pack(0xFFFE, END, 0))
    file.seek(table)
    file.write(b"".join(map(_OFFSET.pack, places)))
    return size


def _require(count: int, expected: int) -> None:
    if count != expected:
        raise SourceUnreadable(f"the recording gave {count} frames, and {expected} before", "Check its disk, and send the exam again")
