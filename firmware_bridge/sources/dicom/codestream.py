"""What a compressed frame states about itself: ITU-T T.81 (JPEG), T.87 (JPEG-LS), T.800 (JPEG 2000), PS3.5 G (RLE)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from struct import unpack, unpack_from

JPEG_START, J2K_START, JP2_START = b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  "
HEAD_BYTES = 8
"""So many bytes tell whether a codestream begins here."""
RLE_HEAD_BYTES, MOST_RLE_SEGMENTS = 64, 15
RGB_NAMES = (b"RGB", b"rgb")
SRGB, SYCC = 16, 18
"""JPEG 2000's numbers for RGB, and for luma and chroma, which Pillow gives as RGB too."""


class Coding(Enum):
    DCT = "JPEG"
    LOSSLESS = "JPEG lossless"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    RLE = "RLE"


START_OF_FRAME = {
    **dict.fromkeys((0xC0, 0xC1, 0xC2), Coding.DCT),
    0xC3: Coding.LOSSLESS,
    0xF7: Coding.JPEG_LS,
}
"""JPEG's markers that begin the description of the picture."""
APP0, APP14, START_OF_SCAN = 0xE0, 0xEE, 0xDA
FILL, NO_MARKERS = b"\xff", (0x00, 0xFF)
ADOBE_BYTES = 12
"""libjpeg and Pillow pass over a shorter mark of Adobe."""
J2K_COD = 0x52


@dataclass(frozen=True, slots=True)
class Codestream:
    """`rows`, `columns` and `precision` (bits) are 0 in RLE, which does not state them.

    `rgb` is True for red, green and blue, False for luma and chroma, None if it does not say. `taken_for_rgb` is what libjpeg takes it for.
    """

    coding: Coding
    components: int
    rows: int = 0
    columns: int = 0
    precision: int = 0
    rgb: bool | None = None
    taken_for_rgb: bool = False


def begins_codestream(head: bytes) -> bool:
    """True if the first bytes of a fragment begin a codestream of any kind."""
    return head.startswith((JPEG_START, J2K_START, JP2_START)) or _rle_segments(head) > 0


def codestream_of(data: bytes) -> Codestream:
    """Reads the description of a compressed frame.

    Raises:
        ValueError: its kind is not known, or its description is damaged.
    """
    try:
        if data.startswith(JPEG_START):
            return _jpeg(data)
        if data.startswith((J2K_START, JP2_START)):
            return _jpeg_2000(data, data.index(J2K_START))
    except (IndexError, StopIteration, struct.error) as error:
        raise ValueError(f"damaged codestream ({error})") from error
    if segments := _rle_segments(data):
        return Codestream(Coding.RLE, segments)
    raise ValueError("unknown codestream")


def _rle_segments(head: bytes) -> int:
    """The number of segments of an RLE frame, which is followed by where the first begins; 0 for anything else."""
    if len(head) < HEAD_BYTES:
        return 0
    segments, first = unpack("<LL", head[:HEAD_BYTES])
    return int(segments) if 0 < segments <= MOST_RLE_SEGMENTS and first == RLE_HEAD_BYTES else 0


def _markers(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Each marker from `at` to the first scan, with the bytes of its segment after the length; as in libjpeg, other bytes are skipped."""
    while (at := data.index(FILL, at)) + 1 < len(data) and (marker := data[at + 1]) != START_OF_SCAN:
        if marker in NO_MARKERS:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length


def _jpeg(data: bytes) -> Codestream:
    jfif, adobe = False, None
    for marker, segment in _markers(data, 2):
        if marker == APP0 and segment.startswith(b"JFIF"):
            jfif = True
        elif marker == APP14 and segment.startswith(b"Adobe") and len(segment) >= ADOBE_BYTES:
            adobe = segment[11]
        elif marker in START_OF_FRAME:
            return _jpeg_picture(START_OF_FRAME[marker], segment, jfif, adobe)
    raise ValueError("JPEG without a picture")


def _jpeg_picture(coding: Coding, segment: bytes, jfif: bool, adobe: int | None) -> Codestream:
    precision, rows, columns, components = unpack(">BHHB", segment[:6])
    names, sampling = segment[6 : 6 + 3 * components : 3], segment[7 : 6 + 3 * components : 3]
    taken_for_rgb = not jfif and (adobe == 0 if adobe is not None else names == b"RGB")
    if names in RGB_NAMES:
        rgb: bool | None = True
    elif jfif or len(set(sampling)) > 1:
        rgb = False
    else:
        rgb = None if adobe is None else adobe == 0
    return Codestream(coding, components, rows, columns, precision, rgb, taken_for_rgb)


def _jpeg_2000(data: bytes, start: int) -> Codestream:
    width, height, left, top = unpack_from(">4L", data, start + 8)
    (components,) = unpack_from(">H", data, start + 40)
    parts = data[start + 42 : start + 42 + 3 * components]
    cod = next(segment for marker, segment in _markers(data, start + 2) if marker == J2K_COD)
    transformed, halved = bool(cod[4]), len(set(parts[1::3])) > 1
    colour = data.find(b"colr", 0, start)
    named = colour >= 0 and int.from_bytes(data[colour + 7 : colour + 11], "big") in (SRGB, SYCC)
    rgb = True if transformed or halved or named else None
    return Codestream(Coding.JPEG_2000, components, height - top, width - left, (parts[0] & 0x7F) + 1, rgb)
