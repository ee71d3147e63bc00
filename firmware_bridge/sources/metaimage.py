"""MetaImage (.mha, .mhd), as PLUS and ITK write it: one image or a tracked sequence, plain or packed with zlib.

PLUS's own fields are understood: each frame's time, which way the image lies, and whether the samples are brightness or RF and IQ
lines. PLUS writes a spacing of 1 where it knows none, so that 1 is taken for "not known".
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
"""The first two letters of UltrasoundImageOrientation, where the first and the second axis go to (marked or unmarked side, far or near),
and how the picture is put upright: far down, the marked side right."""
TIME = re.compile(r"Seq_Frame(\d{1,7})_Timestamp")
STEP_LIMIT_S = 1e6


class MetaImageUnreadable(SourceUnreadable):
    """Not MetaImage, or its header announces what is not there."""


def open_metaimage(path: Path) -> Recording:
    """Opens an .mha or an .mhd; the pixels of an .mhd lie in a file of the same folder.

    Raises:
        MetaImageUnreadable: the header is damaged, announces what is no image, or names pixels elsewhere.
    """
    said, end = _header(path)
    grid = _grid(path, said, end)
    grid.check()
    return Recording(grid.pictures, grid.frames, grid.geometry)


def _fail(path: Path, why: str) -> MetaImageUnreadable:
    return MetaImageUnreadable(f"{path}: {why}", "Write it again with the program that made it")


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields, and where the pixels begin in this file. ElementDataFile is the last field."""
    said: dict[str, str] = {}
    with path.open("rb") as file:
        while "ElementDataFile" not in said:
            line = file.readline(4096)
            key, equals, value = line.decode("utf-8", "replace").partition("=")
            if not equals or file.tell() > HEADER_LIMIT:
                raise _fail(path, "not a MetaImage header, or one that is cut off")
            said[key.strip()] = value.strip()
        return said, file.tell()


def _numbers(path: Path, said: dict[str, str], key: str, default: str = "") -> list[float]:
    try:
        return [float(word) for word in said.get(key, default).split()]
    except ValueError as error:
        raise _fail(path, f"{key} is {said.get(key)!r}") from error


def _whole(path: Path, said: dict[str, str], key: str, default: str = "") -> list[int]:
    """Sizes are whole and below what any array can have."""
    numbers = _numbers(path, said, key, default)
    if not all(math.isfinite(number) and number == int(number) and 0 < number < 2**31 for number in numbers):
        raise _fail(path, f"{key} is {said.get(key)!r}")
    return [int(number) for number in numbers]


def _true(said: dict[str, str], key: str) -> bool:
    return said.get(key, "").lower() == "true"


def _grid(path: Path, said: dict[str, str], end: int) -> Grid:
    sizes = _whole(path, said, "DimSize")
    dimensions, channels = _whole(path, said, "NDims", "2"), _whole(path, said, "ElementNumberOfChannels", "1")
    if dimensions != [len(sizes)] or len(sizes) not in (2, 3) or len(channels) != 1:
        raise _fail(path, f"{said.get('NDims')} dimensions of {said.get('DimSize')}: an image or a sequence of images has 2 or 3")
    if said.get("ElementType") not in TYPES or said.get("BinaryData", "True").lower() != "true":
        raise _fail(path, f"samples of type {said.get('ElementType')} in {'text' if 'BinaryData' in said else 'binary'}")
    order = ">" if _true(said, "BinaryDataByteOrderMSB") or _true(said, "ElementByteOrderMSB") else "<"
    lines = LINES.get(said.get("UltrasoundImageType", ""))
    pixels, offset = _pixels(path, said, end)
    return Grid(
        path=pixels,
        offset=offset,
        packed="zlib" if _true(said, "CompressedData") else "",
        kind=np.dtype(order + TYPES[said["ElementType"]]),
        frames=sizes[2] if len(sizes) == 3 else 1,
        rows=sizes[1],
        columns=sizes[0],
        channels=channels[0],
        lines=lines,
        turn=TURNS.get(said.get("UltrasoundImageOrientation", "FM" if lines else "MF")[:2], ()),
        times_us=tuple(_times_us(said, sizes[2] if len(sizes) == 3 else 1)),
        mm_per_px=_spacing(path, said),
        shape=Shape.UNKNOWN,
        problem=MetaImageUnreadable,
    )


def _pixels(path: Path, said: dict[str, str], end: int) -> tuple[Path, int]:
    name = said["ElementDataFile"]
    if name == LOCAL:
        return path, end
    if name in ("", "LIST", ".", "..") or "/" in name or "\\" in name or "%" in name or "\0" in name:
        raise _fail(path, f"its pixels are said to lie in {name!r}, which is no file of the same folder")
    pixels = path.with_name(name)
    if not pixels.is_file():
        raise _fail(path, f"its pixels, {name}, are not in the same folder")
    skip = _numbers(path, said, "HeaderSize", "0")
    if len(skip) != 1 or not 0 <= skip[0] <= HEADER_LIMIT:
        raise _fail(path, f"HeaderSize is {said.get('HeaderSize')!r}")
    return pixels, int(skip[0])


def _spacing(path: Path, said: dict[str, str]) -> tuple[float, float] | None:
    spacing = _numbers(path, said, "ElementSpacing" if "ElementSpacing" in said else "ElementSize")[:2]
    if len(spacing) < 2 or spacing == [1.0, 1.0]:
        return None
    return spacing[0], spacing[1]


def _times_us(said: dict[str, str], frames: int) -> Iterator[int]:
    """The frames' own times from the first one on, where every frame has one and time goes forward; else none."""
    found: dict[int, float] = {}
    for key, value in said.items():
        if (match := TIME.fullmatch(key)) and int(match[1]) < min(frames, PICTURES_LIMIT):
            try:
                found[int(match[1])] = float(value)
            except ValueError:
                return
    seconds = [found[number] for number in sorted(found)]
    steps = np.diff(np.asarray(seconds, float))
    if len(seconds) == frames and np.isfinite(seconds).all() and (steps > 0).all() and (steps < STEP_LIMIT_S).all():
        yield from (round((second - seconds[0]) * 1e6) for second in seconds)
