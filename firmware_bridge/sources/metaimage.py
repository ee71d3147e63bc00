"""MetaImage (.mha, .mhd), as PLUS and ITK write it: one image or a tracked sequence, uncompressed or packed with zlib.

PLUS's own fields are read: each frame's time, the orientation of the image, and whether the samples are brightness or RF and IQ
lines. PLUS writes a spacing of 1 where it knows none, so 1 counts as unknown.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Shape
from firmware_bridge.sources.grid import HEADER_LIMIT, PICTURES_LIMIT, Grid
from firmware_bridge.sources.recorded import Recording

TYPES = {
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
    "MET_ULONG": "u4",
    "MET_LONG": "i4",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
LOCAL = "LOCAL"
LINES = {"RF_REAL": "rf", "RF_IQ_LINE": "iq", "RF_I_LINE_Q_LINE": "iq-lines"}
TURNS = {
    "MF": (),
    "UF": ("left-right",),
    "MN": ("up-down",),
    "UN": ("left-right", "up-down"),
    "FM": ("transpose",),
    "FU": ("transpose", "left-right"),
    "NM": ("transpose", "up-down"),
    "NU": ("transpose", "left-right", "up-down"),
}
"""The first two letters of UltrasoundImageOrientation are the directions of the first and the second axis (marked or unmarked side,
far or near). They map to the turns that put the picture upright: far down, the marked side right."""
TIME = re.compile(r"Seq_Frame(\d{1,7})_Timestamp")
STEP_LIMIT_S = 1e6


class MetaImageUnreadable(SourceUnreadable):
    """Not MetaImage, or the header announces more than the file holds."""


def open_metaimage(path: Path) -> Recording:
    """Opens an .mha or an .mhd; the pixels of an .mhd are in a file of the same folder.

    Raises:
        MetaImageUnreadable: the header is damaged, does not announce an image, or names pixels outside this folder.
    """
    header, end = _header(path)
    grid = _grid(path, header, end)
    grid.check()
    return Recording(grid.pictures, grid.frames, grid.geometry)


def _fail(path: Path, why: str) -> MetaImageUnreadable:
    return MetaImageUnreadable(f"{path}: {why}", "Write it again with the program that made it")


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields, and the start of the pixels in this file. ElementDataFile is the last field."""
    header: dict[str, str] = {}
    with path.open("rb") as file:
        while "ElementDataFile" not in header:
            line = file.readline(4096)
            key, equals, value = line.decode("utf-8", "replace").partition("=")
            if not equals or file.tell() > HEADER_LIMIT:
                raise _fail(path, "its header is not a MetaImage header, or is cut off")
            header[key.strip()] = value.strip()
        return header, file.tell()


def _numbers(path: Path, header: dict[str, str], key: str, default: str = "") -> list[float]:
    try:
        return [float(word) for word in header.get(key, default).split()]
    except ValueError as error:
        raise _fail(path, f"{key} is {header.get(key)!r}") from error


def _whole(path: Path, header: dict[str, str], key: str, default: str = "") -> list[int]:
    """Sizes are whole numbers within the limits of an array."""
    numbers = _numbers(path, header, key, default)
    if not all(math.isfinite(number) and number == int(number) and 0 < number < 2**31 for number in numbers):
        raise _fail(path, f"{key} is {header.get(key)!r}")
    return [int(number) for number in numbers]


def _true(header: dict[str, str], key: str) -> bool:
    return header.get(key, "").lower() == "true"


def _grid(path: Path, header: dict[str, str], end: int) -> Grid:
    sizes = _whole(path, header, "DimSize")
    dimensions, channels = _whole(path, header, "NDims", "2"), _whole(path, header, "ElementNumberOfChannels", "1")
    if dimensions != [len(sizes)] or len(sizes) not in (2, 3) or len(channels) != 1:
        raise _fail(path, f"{header.get('NDims')} dimensions of {header.get('DimSize')}: an image or a sequence of images has 2 or 3")
    if header.get("ElementType") not in TYPES or header.get("BinaryData", "True").lower() != "true":
        raise _fail(path, f"the samples have the type {header.get('ElementType')} in {'text' if 'BinaryData' in header else 'binary'}")
    order = ">" if _true(header, "BinaryDataByteOrderMSB") or _true(header, "ElementByteOrderMSB") else "<"
    lines = LINES.get(header.get("UltrasoundImageType", ""))
    pixels, offset = _pixels(path, header, end)
    return Grid(
        path=pixels,
        offset=offset,
        packed="zlib" if _true(header, "CompressedData") else "",
        kind=np.dtype(order + TYPES[header["ElementType"]]),
        frames=sizes[2] if len(sizes) == 3 else 1,
        rows=sizes[1],
        columns=sizes[0],
        channels=channels[0],
        lines=lines,
        turn=TURNS.get(header.get("UltrasoundImageOrientation", "FM" if lines else "MF")[:2], ()),
        times_us=tuple(_times_us(header, sizes[2] if len(sizes) == 3 else 1)),
        mm_per_px=_spacing(path, header),
        shape=Shape.UNKNOWN,
        problem=MetaImageUnreadable,
    )


def _pixels(path: Path, header: dict[str, str], end: int) -> tuple[Path, int]:
    name = header["ElementDataFile"]
    if name == LOCAL:
        return path, end
    if name in ("", "LIST", ".", "..") or "/" in name or "\\" in name or "%" in name or "\0" in name:
        raise _fail(path, f"its header places the pixels in {name!r}, which is not a file of the same folder")
    pixels = path.with_name(name)
    if not pixels.is_file():
        raise _fail(path, f"its pixels, {name}, are not in the same folder")
    skip = _numbers(path, header, "HeaderSize", "0")
    if len(skip) != 1 or not 0 <= skip[0] <= HEADER_LIMIT:
        raise _fail(path, f"HeaderSize is {header.get('HeaderSize')!r}")
    return pixels, int(skip[0])


def _spacing(path: Path, header: dict[str, str]) -> tuple[float, float] | None:
    spacing = _numbers(path, header, "ElementSpacing" if "ElementSpacing" in header else "ElementSize")[:2]
    if len(spacing) < 2 or spacing == [1.0, 1.0]:
        return None
    return spacing[0], spacing[1]


def _times_us(header: dict[str, str], frames: int) -> Iterator[int]:
    """The frames' own times after the first, if every frame has one and time goes forward; else none."""
    found: dict[int, float] = {}
    for key, value in header.items():
        if (match := TIME.fullmatch(key)) and int(match[1]) < min(frames, PICTURES_LIMIT):
            try:
                found[int(match[1])] = float(value)
            except ValueError:
                return
    seconds = [found[number] for number in sorted(found)]
    steps = np.diff(np.asarray(seconds, float))
    if len(seconds) == frames and np.isfinite(seconds).all() and (steps > 0).all() and (steps < STEP_LIMIT_S).all():
        yield from (round((second - seconds[0]) * 1e6) for second in seconds)
