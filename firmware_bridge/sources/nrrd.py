"""NRRD (.nrrd, and .nhdr with its pixels in a file next to it): raw or gzip, in the axis order of ultrasound programs.

The first two axes (after a colour axis, if there is one) are across and down; a third axis is time.
"""

import math
import re
from pathlib import Path

import numpy as np

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Shape
from firmware_bridge.sources.grid import HEADER_LIMIT, Grid
from firmware_bridge.sources.recorded import Recording

MAGIC = re.compile(rb"NRRD000[1-5]\r?\n")
TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    "float": "f4",
    "double": "f8",
}
PACKED = {"raw": "", "gzip": "gzip", "gz": "gzip"}
COLOUR_KINDS = {"vector", "list", "rgb-color", "rgba-color", "3-color", "4-color"}
VECTOR = re.compile(r"\(([^()]*)\)")


class NrrdUnreadable(SourceUnreadable):
    """Not NRRD, or the header announces more than the file holds."""


def open_nrrd(path: Path) -> Recording:
    """Opens an .nrrd, or an .nhdr whose pixels are in a file of the same folder.

    Raises:
        NrrdUnreadable: the header is damaged, does not announce an image, names pixels outside this folder, or uses an encoding
            other than raw and gzip.
    """
    header, end = _header(path)
    grid = _grid(path, header, end)
    grid.check()
    return Recording(grid.pictures, grid.frames, grid.geometry)


def _fail(path: Path, why: str, fix: str = "Write it again with the program that made it") -> NrrdUnreadable:
    return NrrdUnreadable(f"{path}: {why}", fix)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields in lower case; an empty line ends them; in an .nhdr the end of the file does too."""
    header: dict[str, str] = {}
    with path.open("rb") as file:
        if not MAGIC.fullmatch(file.readline(16)):
            raise _fail(path, "it is not an NRRD file")
        while (line := file.readline(65536)).strip():
            if file.tell() > HEADER_LIMIT:
                raise _fail(path, "its header has no end")
            text = line.decode("utf-8", "replace")
            key, colon, value = text.partition(":")
            if not text.startswith("#") and colon and not value.startswith("="):
                header[key.strip().lower()] = value.strip()
        return header, file.tell()


def _grid(path: Path, header: dict[str, str], end: int) -> Grid:
    sizes = _sizes(path, header)
    kinds = header.get("kinds", "").lower().split()
    colour = len(sizes) > 2 and bool(kinds[:1]) and kinds[0] in COLOUR_KINDS and sizes[0] in (1, 3, 4)
    space = sizes[1:] if colour else sizes
    if len(space) not in (2, 3):
        raise _fail(path, f"sizes {header.get('sizes')}: an image or a sequence of images has 2 or 3 axes")
    if header.get("type", "").lower() not in TYPES:
        raise _fail(path, f"the samples have the type {header.get('type')!r}", "Export 8-bit samples (unsigned char)")
    if header.get("encoding", "").lower() not in PACKED:
        raise _fail(path, f"the encoding is {header.get('encoding')!r}", "Save it with the encoding raw or gzip")
    if header.get("line skip", header.get("lineskip", "0")) != "0" or header.get("byte skip", header.get("byteskip", "0")) != "0":
        raise _fail(path, "it asks to skip bytes or lines before the pixels", "Save it without a skip")
    pixels, offset = _pixels(path, header, end)
    return Grid(
        path=pixels,
        offset=offset,
        packed=PACKED[header["encoding"].lower()],
        kind=np.dtype((">" if header.get("endian", "little").lower() == "big" else "<") + TYPES[header["type"].lower()]),
        frames=space[2] if len(space) == 3 else 1,
        rows=space[1],
        columns=space[0],
        channels=sizes[0] if colour else 1,
        mm_per_px=_spacing(path, header, 1 if colour else 0),
        shape=Shape.UNKNOWN,
        problem=NrrdUnreadable,
    )


def _sizes(path: Path, header: dict[str, str]) -> list[int]:
    words = header.get("sizes", "").split()
    are_numbers = all(word.isascii() and word.isdigit() and len(word) < 10 for word in words)
    if not words or not are_numbers or header.get("dimension") != str(len(words)):
        raise _fail(path, f"dimension {header.get('dimension')!r} with sizes {header.get('sizes')!r}")
    return [int(word) for word in words]


def _pixels(path: Path, header: dict[str, str], end: int) -> tuple[Path, int]:
    name = header.get("data file", header.get("datafile", ""))
    if not name:
        return path, end
    if name in (".", "..") or "/" in name or "\\" in name or "%" in name or "\0" in name or name.upper().startswith("LIST"):
        raise _fail(path, f"its header places the pixels in {name!r}, which is not a file of the same folder")
    pixels = path.with_name(name)
    if not pixels.is_file():
        raise _fail(path, f"its pixels, {name}, are not in the same folder")
    return pixels, 0


def _spacing(path: Path, header: dict[str, str], first: int) -> tuple[float, float] | None:
    """Millimetres across and down: the lengths of the space directions, or the spacings."""
    try:
        if "space directions" in header:
            vectors = VECTOR.findall(header["space directions"])
            lengths = [math.hypot(*(float(word) for word in vector.split(","))) for vector in vectors]
            found = lengths[:2]  # a colour axis has the direction "none" and no vector
        else:
            found = [float(word) for word in header.get("spacings", "").split()][first : first + 2]
    except ValueError as error:
        raise _fail(path, "its spacing is not a number") from error
    return (found[0], found[1]) if len(found) == 2 and not all(math.isnan(mm) for mm in found) else None
