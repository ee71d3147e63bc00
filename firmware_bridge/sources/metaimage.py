"""MetaImage (.mha, .mhd), as PLUS and ITK write it: one image or a tracked sequence, uncompressed or packed with zlib.

The words of the header are read as MetaIO reads them. PLUS's own fields are read too: the kinds of the axes, each frame's time and
status, the orientation of the image, and whether the samples are brightness or RF and IQ lines.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Shape
from firmware_bridge.sources.axes import Axes, AxesUnclear, axes_of
from firmware_bridge.sources.grid import HEADER_LIMIT, Grid, pixels_beside
from firmware_bridge.sources.plus import read_plus
from firmware_bridge.sources.recorded import Recording
from firmware_bridge.sources.scale import in_mm

TYPES = {
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
    "MET_ULONG": "u4",
    "MET_LONG": "i4",
    "MET_ULONG_LONG": "u8",
    "MET_LONG_LONG": "i8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
LOCAL = "LOCAL"
NO_UNIT = "?"
"""MetaIO's DistanceUnits of a file that states none."""
AT_THE_END = -1
"""A HeaderSize of -1: the pixels are the last bytes of the file."""


class MetaImageUnreadable(SourceUnreadable):
    """Not MetaImage, or the header announces more than the file holds."""


def open_metaimage(path: Path) -> Recording:
    """Opens an .mha or an .mhd; the pixels of an .mhd are in a file of the same folder.

    Raises:
        MetaImageUnreadable: the header is damaged, does not announce an image, or names pixels outside this folder.
    """
    header, end = _header(path)
    try:
        grid = _grid(path, header, end)
    except AxesUnclear as error:
        raise _fail(path, str(error)) from error
    grid.check()
    return Recording(grid.pictures, grid.frames, grid.geometry)


def _fail(path: Path, why: str, fix: str = "Write it again with the program that made it") -> MetaImageUnreadable:
    return MetaImageUnreadable(f"{path}: {why}", fix)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields, and the start of the pixels in this file. ElementDataFile is the last field."""
    header: dict[str, str] = {}
    with path.open("rb") as file:
        while "ElementDataFile" not in header:
            line = file.readline(HEADER_LIMIT)
            key, equals, value = line.decode("utf-8-sig", "replace").partition("=")
            if not equals or file.tell() > HEADER_LIMIT:
                raise _fail(path, "its header is not a MetaImage header, or is cut off")
            header[key.strip()] = value.strip()
        return header, file.tell()


def _numbers(path: Path, header: Mapping[str, str], key: str, default: str = "") -> list[float]:
    try:
        return [float(word) for word in header.get(key, default).split()]
    except ValueError as error:
        raise _fail(path, f"{key} is {header.get(key)!r}") from error


def _whole(path: Path, header: Mapping[str, str], key: str, default: str = "") -> list[int]:
    """Sizes are whole numbers within the limits of an array."""
    numbers = _numbers(path, header, key, default)
    if not all(math.isfinite(number) and number == int(number) and 0 < number < 2**31 for number in numbers):
        raise _fail(path, f"{key} is {header.get(key)!r}")
    return [int(number) for number in numbers]


def _true(header: Mapping[str, str], key: str, default: str = "") -> bool:
    """MetaIO looks at the first letter only."""
    return header.get(key, default)[:1] in ("T", "t", "1")


def _grid(path: Path, header: Mapping[str, str], end: int) -> Grid:
    axes = _axes(path, header)
    channels = _whole(path, header, "ElementNumberOfChannels", "1")
    kind = header.get("ElementType", "").upper().removesuffix("_ARRAY")
    if kind not in TYPES or len(channels) != 1:
        raise _fail(path, f"the samples have the type {header.get('ElementType')}", "Export 8-bit samples (MET_UCHAR)")
    if not _true(header, "BinaryData", "True"):
        raise _fail(path, "its pixels are written as text", "Save it with BinaryData = True")
    order = ">" if _true(header, "BinaryDataByteOrderMSB") or _true(header, "ElementByteOrderMSB") else "<"
    frames = axes.size(axes.frames)
    plus = read_plus(header, header.get("UltrasoundImageOrientation", ""), header.get("UltrasoundImageType", ""), frames)
    local = header["ElementDataFile"].upper() == LOCAL
    least = end if local else 0
    skip = _skip(path, header, least)
    grid = Grid(
        path=path if local else pixels_beside(path, header["ElementDataFile"], _fail),
        offset=max(least, skip),
        packed="zlib" if _true(header, "CompressedData") else "",
        kind=np.dtype(order + TYPES[kind]),
        frames=frames,
        rows=axes.size(axes.rows),
        columns=axes.size(axes.columns),
        channels=channels[0],
        order=axes.order,
        lines=plus.lines,
        turn=plus.turn,
        invalid=plus.invalid,
        times_us=plus.times_us,
        mm_per_px=_spacing(path, header, axes),
        shape=Shape.UNKNOWN,
        problem=MetaImageUnreadable,
    )
    if skip != AT_THE_END:
        return grid
    stored = _whole(path, header, "CompressedDataSize") if grid.packed else [grid.total_bytes]
    if len(stored) != 1:
        raise _fail(path, "HeaderSize is -1 for packed pixels, and CompressedDataSize does not state how many bytes they have")
    return grid.at_the_end(stored[0])


def _axes(path: Path, header: Mapping[str, str]) -> Axes:
    sizes, dimensions = _whole(path, header, "DimSize"), _whole(path, header, "NDims", "2")
    if dimensions != [len(sizes)]:
        raise _fail(path, f"its description contradicts itself: NDims {header.get('NDims')} with DimSize {header.get('DimSize')}")
    return axes_of(sizes, header.get("Kinds", "").split())


def _skip(path: Path, header: Mapping[str, str], least: int) -> int:
    """What HeaderSize states, counted from the beginning of the file with the pixels, where they cannot begin before `least`."""
    skip = _numbers(path, header, "HeaderSize", "0")
    if len(skip) != 1 or not (skip[0] in (AT_THE_END, 0) or least <= skip[0] <= HEADER_LIMIT):
        raise _fail(path, f"HeaderSize is {header.get('HeaderSize')!r}, and the pixels cannot begin there")
    return int(skip[0])


def _spacing(path: Path, header: Mapping[str, str], axes: Axes) -> tuple[float, float] | None:
    spacing = _numbers(path, header, "ElementSpacing" if "ElementSpacing" in header else "ElementSize")
    if len(spacing) <= max(axes.columns, axes.rows):
        return None
    unit = header.get("DistanceUnits", "")
    return in_mm((spacing[axes.columns], spacing[axes.rows]), "" if unit == NO_UNIT else unit, "" if unit == NO_UNIT else unit)
