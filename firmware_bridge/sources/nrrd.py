"""NRRD (.nrrd, and .nhdr with its pixels beside it): raw or gzip, in the order in which ultrasound programs write it.

The first two axes (after a colour axis, where there is one) are across and down; a third one is time.
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
    """Not NRRD, or its header announces what is not there."""


def open_nrrd(path: Path) -> Recording:
    """Opens an .nrrd, or an .nhdr whose pixels lie in a file of the same folder.

    Raises:
        NrrdUnreadable: the header is damaged, announces what is no image, names pixels elsewhere, or uses an encoding
            other than raw and gzip.
    """
    said, end = _header(path)
    grid = _grid(path, said, end)
    grid.check()
    return Recording(grid.pictures, grid.frames, grid.geometry)


def _fail(path: Path, why: str, fix: str = "Write it again with the program that made it") -> NrrdUnreadable:
    return NrrdUnreadable(f"{path}: {why}", fix)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields in lower case; an empty line ends them, in an .nhdr also the end of the file."""
    said: dict[str, str] = {}
    with path.open("rb") as file:
        if not MAGIC.fullmatch(file.readline(16)):
            raise _fail(path, "not an NRRD file")
        while (line := file.readline(65536)).strip():
            if file.tell() > HEADER_LIMIT:
                raise _fail(path, "a header without an end")
            text = line.decode("utf-8", "replace")
            key, colon, value = text.partition(":")
            if not text.startswith("#") and colon and not value.startswith("="):
                said[key.strip().lower()] = value.strip()
        return said, file.tell()


def _grid(path: Path, said: dict[str, str], end: int) -> Grid:
    sizes = _sizes(path, said)
    kinds = said.get("kinds", "").lower().split()
    colour = len(sizes) > 2 and bool(kinds[:1]) and kinds[0] in COLOUR_KINDS and sizes[0] in (1, 3, 4)
    space = sizes[1:] if colour else sizes
    if len(space) not in (2, 3):
        raise _fail(path, f"sizes {said.get('sizes')}: an image or a sequence of images has 2 or 3 axes")
    if said.get("type", "").lower() not in TYPES:
        raise _fail(path, f"samples of type {said.get('type')!r}", "Export 8-bit samples (unsigned char)")
    if said.get("encoding", "").lower() not in PACKED:
        raise _fail(path, f"encoding {said.get('encoding')!r}", "Save it with the encoding raw or gzip")
    if said.get("line skip", said.get("lineskip", "0")) != "0" or said.get("byte skip", said.get("byteskip", "0")) != "0":
        raise _fail(path, "bytes or lines to be skipped before the pixels", "Save it without a skip")
    pixels, offset = _pixels(path, said, end)
    return Grid(
        path=pixels,
        offset=offset,
        packed=PACKED[said["encoding"].lower()],
        kind=np.dtype((">" if said.get("endian", "little").lower() == "big" else "<") + TYPES[said["type"].lower()]),
        frames=space[2] if len(space) == 3 else 1,
        rows=space[1],
        columns=space[0],
        channels=sizes[0] if colour else 1,
        mm_per_px=_spacing(path, said, 1 if colour else 0),
        shape=Shape.UNKNOWN,
        problem=NrrdUnreadable,
    )


def _sizes(path: Path, said: dict[str, str]) -> list[int]:
    words = said.get("sizes", "").split()
    are_numbers = all(word.isascii() and word.isdigit() and len(word) < 10 for word in words)
    if not words or not are_numbers or said.get("dimension") != str(len(words)):
        raise _fail(path, f"dimension {said.get('dimension')!r} with sizes {said.get('sizes')!r}")
    return [int(word) for word in words]


def _pixels(path: Path, said: dict[str, str], end: int) -> tuple[Path, int]:
    name = said.get("data file", said.get("datafile", ""))
    if not name:
        return path, end
    if name in (".", "..") or "/" in name or "\\" in name or "%" in name or "\0" in name or name.upper().startswith("LIST"):
        raise _fail(path, f"its pixels are said to lie in {name!r}, which is no file of the same folder")
    pixels = path.with_name(name)
    if not pixels.is_file():
        raise _fail(path, f"its pixels, {name}, are not in the same folder")
    return pixels, 0


def _spacing(path: Path, said: dict[str, str], first: int) -> tuple[float, float] | None:
    """Millimetres across and down: the lengths of the space directions, or the spacings."""
    try:
        if "space directions" in said:
            vectors = VECTOR.findall(said["space directions"])
            lengths = [math.hypot(*(float(word) for word in vector.split(","))) for vector in vectors]
            found = lengths[:2]  # a colour axis has the direction "none" and no vector
        else:
            found = [float(word) for word in said.get("spacings", "").split()][first : first + 2]
    except ValueError as error:
        raise _fail(path, "a spacing that is no number") from error
    return (found[0], found[1]) if len(found) == 2 and not all(math.isnan(mm) for mm in found) else None
