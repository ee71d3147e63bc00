"""NRRD (.nrrd, and .nhdr with its pixels in a file next to it): raw or gzip, as ITK, 3D Slicer and PLUS write it.

The kinds of the axes state which one is time and which one is colour. PLUS's own fields are read as in MetaImage.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Shape
from firmware_bridge.sources.axes import AxesUnclear
from firmware_bridge.sources.grid import HEADER_LIMIT, Grid, pixels_beside
from firmware_bridge.sources.nrrd_axes import read_axes, scale_of, times_of
from firmware_bridge.sources.plus import read_plus
from firmware_bridge.sources.recorded import Recording

MAGIC = re.compile(rb"(?:\xef\xbb\xbf)?NRRD000[1-5]\r?\n")
TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    **dict.fromkeys(("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"), "i8"),
    **dict.fromkeys(("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"), "u8"),
    "float": "f4",
    "double": "f8",
}
ENDIAN: Mapping[str, Literal["<", ">"]] = {"little": "<", "big": ">"}
PACKED = {"raw": "", "gzip": "gzip", "gz": "gzip"}
SKIP, AT_THE_END = re.compile(r"\d{1,9}|-1"), -1
"""A byte skip of -1: the pixels are the last bytes of the file."""


class NrrdUnreadable(SourceUnreadable):
    """Not NRRD, or the header announces more than the file holds."""


def open_nrrd(path: Path) -> Recording:
    """Opens an .nrrd, or an .nhdr whose pixels are in a file of the same folder.

    Raises:
        NrrdUnreadable: the header is damaged, does not announce an image, names pixels outside this folder, or uses an encoding
            other than raw and gzip.
    """
    header, end = _header(path)
    try:
        grid = _grid(path, header, end)
    except AxesUnclear as error:
        raise _fail(path, str(error)) from error
    grid.check()
    return Recording(grid.pictures, grid.frames, grid.geometry)


def _fail(path: Path, why: str, fix: str = "Write it again with the program that made it") -> NrrdUnreadable:
    return NrrdUnreadable(f"{path}: {why}", fix)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields and the key/value pairs, in lower case; an empty line ends them; in an .nhdr the end of the file does too.

    PLUS writes its fields as either: a pair counts as a field, but never replaces one.
    """
    fields: dict[str, str] = {}
    pairs: dict[str, str] = {}
    with path.open("rb") as file:
        if not MAGIC.fullmatch(file.readline(16)):
            raise _fail(path, "it is not an NRRD file")
        while (line := file.readline(HEADER_LIMIT)).strip():
            if file.tell() > HEADER_LIMIT:
                raise _fail(path, "its header has no end")
            text = line.decode("utf-8", "replace")
            key, colon, value = text.partition(":")
            if not text.startswith("#") and colon:
                (pairs if value.startswith("=") else fields)[key.strip().lower()] = value.removeprefix("=").strip()
        return pairs | fields, file.tell()


def _grid(path: Path, header: Mapping[str, str], end: int) -> Grid:
    axes = read_axes(header)
    if header.get("type", "").lower() not in TYPES:
        raise _fail(path, f"the samples have the type {header.get('type')!r}", "Export 8-bit samples (unsigned char)")
    if header.get("encoding", "").lower() not in PACKED:
        raise _fail(path, f"the encoding is {header.get('encoding')!r}", "Save it with the encoding raw or gzip")
    kind = np.dtype(TYPES[header["type"].lower()])
    endian = header.get("endian", "little" if kind.itemsize == 1 else "").lower()
    if endian not in ENDIAN:
        raise _fail(
            path, f"a sample has {kind.itemsize} bytes, and their order (endian) is {header.get('endian')!r}", "Save it with an endian"
        )
    skip, frames = _skip(path, header), axes.size(axes.frames)
    plus = read_plus(header, header.get("ultrasound image orientation", ""), header.get("ultrasound image type", ""), frames)
    name = header.get("data file", header.get("datafile", ""))
    pixels = pixels_beside(path, name, _fail) if name else path
    grid = Grid(
        path=pixels,
        offset=(0 if name else end) + max(0, skip),
        packed=PACKED[header["encoding"].lower()],
        kind=kind.newbyteorder(ENDIAN[endian]),
        frames=frames,
        rows=axes.size(axes.rows),
        columns=axes.size(axes.columns),
        channels=axes.size(axes.channels),
        order=axes.order,
        lines=plus.lines,
        turn=plus.turn,
        invalid=plus.invalid,
        times_us=plus.times_us or times_of(header, axes),
        mm_per_px=scale_of(header, axes),
        shape=Shape.UNKNOWN,
        problem=NrrdUnreadable,
    )
    return grid.at_the_end(grid.total_bytes) if skip == AT_THE_END else grid


def _skip(path: Path, header: Mapping[str, str]) -> int:
    """Bytes before the pixels; those of a packed file would be counted after unpacking."""
    lines = header.get("line skip", header.get("lineskip", "0"))
    skip = header.get("byte skip", header.get("byteskip", "0"))
    raw = PACKED[header["encoding"].lower()] == ""
    if lines != "0" or not SKIP.fullmatch(skip) or not (raw or int(skip) == 0):
        raise _fail(path, f"it asks to skip {lines} lines and {skip} bytes before the pixels", "Save it without a skip")
    return int(skip)
