"""IMAGE: the layout of its samples. Every field is checked, once for all images of a stream with the same head."""

import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Grey
from firmware_bridge.igtl.header import malformed
from firmware_bridge.sources.greys import to_grey_pixels
from firmware_bridge.sources.scale import stated_scale

SCALARS = {2: "i1", 3: "u1", 4: "i2", 5: "u2", 6: "i4", 7: "u4", 10: "f4", 11: "f8"}
BIG, LITTLE = 1, 2
KINDS = {(order, scalar): np.dtype(sign + code) for order, sign in ((BIG, ">"), (LITTLE, "<")) for scalar, code in SCALARS.items()}
"""(byte order, scalar type) -> type of the samples."""
BYTES = {scalar: np.dtype(code) for scalar, code in SCALARS.items() if np.dtype(code).itemsize == 1}
"""One byte has no order: many senders leave the field 0."""
RAS, LPS = 1, 2

HEAD = struct.Struct(">HBBBB3H12f3H3H")
"""The head before the samples."""
SCALAR_BYTES = {scalar: np.dtype(code).itemsize for scalar, code in SCALARS.items()}

Matrix = tuple[float, ...]
"""Twelve numbers: the directions of i, j and k (in an image, times the spacing in mm), then a position in mm."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


class Image(NamedTuple):
    """One image or a part of one. `samples` is (rows, columns, components) of the part, which begins at `offset` (column, row)."""

    samples: "NDArray[np.generic]"
    size: tuple[int, int]
    offset: tuple[int, int]
    matrix: Matrix
    coordinates: int = RAS

    @property
    def whole(self) -> bool:
        return self.samples.shape[:2] == (self.size[1], self.size[0])

    @property
    def mm_per_px(self) -> tuple[float, float] | None:
        """Millimetres across and down: the lengths of the first two columns; None where the sender knows no scale."""
        return stated_scale(math.hypot(*self.matrix[0:3]), math.hypot(*self.matrix[3:6]))

    @property
    def grey(self) -> Grey:
        return to_grey_pixels(self.samples)


@lru_cache(maxsize=8)
def announced_bytes(head: bytes) -> int:
    """Bytes of samples that a head announces; images of one stream usually have the same head."""
    _, components, scalar, _, _, *numbers = HEAD.unpack(head)
    return int(components * SCALAR_BYTES.get(scalar, 1) * math.prod(numbers[18:21]))


@dataclass(frozen=True, slots=True)
class _ImageForm:
    """The checked layout of an image's samples, from its head."""

    kind: np.dtype[np.generic]
    shape: tuple[int, int, int]
    samples_size: int
    size: tuple[int, int]
    offset: tuple[int, int]
    matrix: Matrix
    coordinates: int


@lru_cache(maxsize=8)
def _image_form(head: bytes) -> _ImageForm:
    """Reads a head, once for all images of a stream with the same head."""
    version, components, scalar, endian, coordinates, *numbers = HEAD.unpack(head)
    size, matrix, offset, part = numbers[0:3], tuple(numbers[3:15]), numbers[15:18], numbers[18:21]
    kind = BYTES.get(scalar) or KINDS.get((endian, scalar))
    if version not in (1, 2) or kind is None or coordinates not in (RAS, LPS):
        raise malformed(f"an image has version {version}, scalar type {scalar}, byte order {endian}, coordinates {coordinates}")
    fits = offset[0] + part[0] <= size[0] and offset[1] + part[1] <= size[1] and offset[2] + part[2] <= size[2]
    if not (1 <= components <= 4 and fits and part[0] and part[1] and part[2]):
        raise malformed(f"an image has the size {size} and {components} components, and its part {part} at {offset}")
    if size[2] != 1:
        raise malformed(f"a volume has {size[2]} slices; only single images can be read")
    if not math.isfinite(sum(matrix)) or math.hypot(*matrix[0:3]) == 0 or math.hypot(*matrix[3:6]) == 0:
        raise malformed("an image has no spacing")
    shape = (part[1], part[0], components)
    return _ImageForm(kind, shape, math.prod(shape) * kind.itemsize, (size[0], size[1]), (offset[0], offset[1]), matrix, coordinates)


def read_image(content: memoryview) -> Image:
    if len(content) < HEAD.size:
        raise malformed("an image has no header")
    form = _image_form(content[: HEAD.size].tobytes())
    if len(content) - HEAD.size != form.samples_size:
        raise malformed(f"an image announces {form.samples_size} bytes and has {len(content) - HEAD.size}")
    samples = np.ndarray(form.shape, form.kind, content, HEAD.size)
    return Image(samples, form.size, form.offset, form.matrix, form.coordinates)


def write_image(image: Image) -> tuple[bytes, bytes]:
    """The header and the samples, in the layout and the byte order that they already have."""
    kind = image.samples.dtype
    scalar = next(number for number, code in SCALARS.items() if kind.newbyteorder("=") == np.dtype(code))
    endian = BIG if kind.byteorder == ">" else LITTLE
    rows, columns, components = image.samples.shape
    size, offset = (*image.size, 1), (*image.offset, 0)
    head = HEAD.pack(1, components, scalar, endian, image.coordinates, *size, *image.matrix, *offset, columns, rows, 1)
    return head, image.samples.tobytes()
