"""What peers say: one frozen dataclass a message type, read with suspicion and written as the specification asks.

From version 2 on the content stands between an extended header and metadata (pairs of key and text).
"""

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Grey
from firmware_bridge.igtl.header import Header, malformed
from firmware_bridge.sources.greys import to_grey_pixels

ASCII, UTF8 = 3, 106
"""IANA MIBenum numbers of text encodings."""
ENCODINGS = {ASCII: "ascii", UTF8: "utf-8"}
SCALARS = {2: "i1", 3: "u1", 4: "i2", 5: "u2", 6: "i4", 7: "u4", 10: "f4", 11: "f8"}
BIG, LITTLE = 1, 2
KINDS = {(order, scalar): np.dtype(sign + code) for order, sign in ((BIG, ">"), (LITTLE, "<")) for scalar, code in SCALARS.items()}
"""(byte order, scalar type) -> type of the samples."""
RAS, LPS = 1, 2
SIDE_LIMIT = 65535

_EXTENDED = struct.Struct(">HHII")
_PAIR = struct.Struct(">HHI")
_IMAGE = struct.Struct(">HBBBB3H12f3H3H")
_TRANSFORM = struct.Struct(">12f")
_STATUS = struct.Struct(">Hq20s")
_STRING = struct.Struct(">HH")
CAPABILITY_NAME = 12

Matrix = tuple[float, ...]
"""Twelve numbers: the directions of i, j and k (in an image times the spacing in mm), then a position in mm."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)

STATUS_OK = 1


class Image(NamedTuple):
    """One image or part of one. `samples` is (rows, columns, components) of the part, which begins at `offset` (column, row)."""

    samples: "NDArray[np.generic]"
    size: tuple[int, int]
    offset: tuple[int, int]
    matrix: Matrix
    coordinates: int = RAS

    @property
    def whole(self) -> bool:
        return self.samples.shape[:2] == (self.size[1], self.size[0])

    @property
    def mm_per_px(self) -> tuple[float, float]:
        """Millimetres across and down: the lengths of the first two columns."""
        return math.hypot(*self.matrix[0:3]), math.hypot(*self.matrix[3:6])

    @property
    def grey(self) -> Grey:
        return to_grey_pixels(self.samples)


@dataclass(frozen=True, slots=True)
class Transform:
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Status:
    """`code` 1 is all well."""

    code: int = STATUS_OK
    subcode: int = 0
    name: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class String:
    text: str
    encoding: int = UTF8


@dataclass(frozen=True, slots=True)
class Capability:
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A sound message of a type that is not read here, queries (GET_, STT_, STP_) among them."""

    content: memoryview


Body: TypeAlias = Image | Transform | Status | String | Capability | Other


class Message(NamedTuple):
    header: Header
    body: Body
    metadata: Mapping[str, str] = MappingProxyType({})
    message_id: int = 0


IMAGE_HEAD = _EXTENDED.size + _IMAGE.size
"""Bytes of an image's body that tell how long it should be, in any version."""
SLACK = 65536
SCALAR_BYTES = {scalar: np.dtype(code).itemsize for scalar, code in SCALARS.items()}


def plausible_image(header: Header, head: bytes) -> bool:
    """Whether an image's body is as long as its own head makes it, up to metadata: a damaged size must not swallow what follows it."""
    at = 0 if header.version == 1 else _EXTENDED.size
    if header.type != "IMAGE" or len(head) < at + _IMAGE.size:
        return True
    return header.body_size <= IMAGE_HEAD + _announced(head[at : at + _IMAGE.size]) + SLACK


@lru_cache(maxsize=8)
def _announced(head: bytes) -> int:
    """Bytes of samples; the head of one image is the next one's too."""
    _, components, scalar, _, _, *numbers = _IMAGE.unpack(head)
    return int(components * SCALAR_BYTES.get(scalar, 1) * math.prod(numbers[18:21]))


def read_message(header: Header, body: memoryview) -> Message:
    """The message whose checksum is right.

    Raises:
        MalformedIgtl: it breaks the specification all the same.
    """
    content, metadata, message_id = (body, {}, 0) if header.version == 1 else _extended(body)
    reader = _READERS.get(header.type)
    return Message(header, Other(content) if reader is None else reader(content), metadata, message_id)


def _extended(body: memoryview) -> tuple[memoryview, dict[str, str], int]:
    if len(body) < _EXTENDED.size:
        raise malformed("an extended header that is cut off")
    size, index_size, data_size, message_id = _EXTENDED.unpack_from(body)
    end = len(body) - index_size - data_size
    if size < _EXTENDED.size or end < size:
        raise malformed("an extended header that announces more than there is")
    if end == len(body):
        return body[size:], {}, message_id
    return body[size:end], _metadata(body[end : end + index_size], bytes(body[end + index_size :])), message_id


def _metadata(index: memoryview, data: bytes) -> dict[str, str]:
    if not len(index):
        return {}
    count = struct.unpack_from(">H", index)[0] if len(index) >= 2 else 0
    if len(index) < 2 + count * _PAIR.size:
        raise malformed("metadata without an index")
    found, at = {}, 0
    for number in range(count):
        key_size, encoding, value_size = _PAIR.unpack_from(index, 2 + number * _PAIR.size)
        if at + key_size + value_size > len(data):
            raise malformed("metadata that is cut off")
        key = _text(data[at : at + key_size], ASCII)
        found[key] = _text(data[at + key_size : at + key_size + value_size], encoding)
        at += key_size + value_size
    return found


def _text(data: bytes, encoding: int) -> str:
    return data.rstrip(b"\0").decode(ENCODINGS.get(encoding, "utf-8"), "replace")


@dataclass(frozen=True, slots=True)
class _ImageForm:
    """What an image's head says of its samples, found to make sense."""

    kind: np.dtype[np.generic]
    shape: tuple[int, int, int]
    samples_size: int
    size: tuple[int, int]
    offset: tuple[int, int]
    matrix: Matrix
    coordinates: int


@lru_cache(maxsize=8)
def _image_form(head: bytes) -> _ImageForm:
    """Reads a head once for all the images of a stream that have the same."""
    version, components, scalar, endian, coordinates, *numbers = _IMAGE.unpack(head)
    size, matrix, offset, part = numbers[0:3], tuple(numbers[3:15]), numbers[15:18], numbers[18:21]
    kind = KINDS.get((endian, scalar))
    if version not in (1, 2) or kind is None or coordinates not in (RAS, LPS):
        raise malformed(f"an image of version {version}, scalar type {scalar}, byte order {endian}, coordinates {coordinates}")
    fits = offset[0] + part[0] <= size[0] and offset[1] + part[1] <= size[1] and offset[2] + part[2] <= size[2]
    if not (1 <= components <= 4 and fits and part[0] and part[1] and part[2]):
        raise malformed(f"an image of {size} with {components} components, of which {part} at {offset}")
    if size[2] != 1:
        raise malformed(f"a volume of {size[2]} slices; one image at a time is read")
    if not math.isfinite(sum(matrix)) or math.hypot(*matrix[0:3]) == 0 or math.hypot(*matrix[3:6]) == 0:
        raise malformed("an image without a spacing")
    shape = (part[1], part[0], components)
    return _ImageForm(kind, shape, math.prod(shape) * kind.itemsize, (size[0], size[1]), (offset[0], offset[1]), matrix, coordinates)


def _read_image(content: memoryview) -> Image:
    if len(content) < _IMAGE.size:
        raise malformed("an image without its header")
    form = _image_form(bytes(content[: _IMAGE.size]))
    if len(content) - _IMAGE.size != form.samples_size:
        raise malformed(f"an image of {form.samples_size} bytes in {len(content) - _IMAGE.size}")
    samples = np.frombuffer(content, form.kind, offset=_IMAGE.size).reshape(form.shape)
    return Image(samples, form.size, form.offset, form.matrix, form.coordinates)


def _read_transform(content: memoryview) -> Transform:
    if len(content) != _TRANSFORM.size:
        raise malformed(f"a transform in {len(content)} bytes")
    matrix = _TRANSFORM.unpack(content)
    if not all(map(math.isfinite, matrix)):
        raise malformed("a transform that is not finite")
    return Transform(matrix)


def _read_status(content: memoryview) -> Status:
    if len(content) < _STATUS.size:
        raise malformed(f"a status in {len(content)} bytes")
    code, subcode, name = _STATUS.unpack_from(content)
    return Status(code, subcode, _text(name.partition(b"\0")[0], ASCII), _text(bytes(content[_STATUS.size :]), UTF8))


def _read_string(content: memoryview) -> String:
    if len(content) < _STRING.size:
        raise malformed("a string without its length")
    encoding, length = _STRING.unpack_from(content)
    data = bytes(content[_STRING.size :])
    if len(data) < length:
        raise malformed(f"a string of {length} bytes in {len(data)}")
    return String(_text(data[:length], encoding), encoding)


def _read_capability(content: memoryview) -> Capability:
    if len(content) % CAPABILITY_NAME:
        raise malformed(f"a list of types in {len(content)} bytes")
    names = (bytes(content[at : at + CAPABILITY_NAME]) for at in range(0, len(content), CAPABILITY_NAME))
    return Capability(tuple(_text(name.partition(b"\0")[0], ASCII) for name in names))


_READERS: dict[str, Callable[[memoryview], Body]] = {
    "IMAGE": _read_image,
    "TRANSFORM": _read_transform,
    "STATUS": _read_status,
    "STRING": _read_string,
    "CAPABILITY": _read_capability,
}


def write_image(image: Image) -> tuple[bytes, bytes]:
    """The header and the samples as they lie, in the byte order that they have."""
    kind = image.samples.dtype
    scalar = next(number for number, code in SCALARS.items() if kind.newbyteorder("=") == np.dtype(code))
    endian = BIG if kind.byteorder == ">" else LITTLE
    rows, columns, components = image.samples.shape
    size, offset = (*image.size, 1), (*image.offset, 0)
    head = _IMAGE.pack(1, components, scalar, endian, image.coordinates, *size, *image.matrix, *offset, columns, rows, 1)
    return head, image.samples.tobytes()


def write_body(body: Body) -> tuple[str, tuple[bytes, ...]]:
    """The message's type and its content in parts.

    Raises:
        TypeError: `body` is `Other`, whose type is not known here.
    """
    match body:
        case Image():
            return "IMAGE", write_image(body)
        case Transform(matrix):
            return "TRANSFORM", (_TRANSFORM.pack(*matrix),)
        case Status(code, subcode, name, text):
            return "STATUS", (_STATUS.pack(code, subcode, name.encode()), text.encode() + b"\0")
        case String(text, encoding):
            data = text.encode(ENCODINGS[encoding])
            return "STRING", (_STRING.pack(encoding, len(data)), data)
        case Capability(types):
            return "CAPABILITY", tuple(name.encode()[:CAPABILITY_NAME].ljust(CAPABILITY_NAME, b"\0") for name in types)
        case _:
            raise TypeError(f"{type(body).__name__} is no message that can be sent")


def write_metadata(metadata: Mapping[str, str]) -> tuple[bytes, bytes]:
    """The index and the text of metadata."""
    pairs = [(key.encode("ascii", "replace"), value.encode()) for key, value in metadata.items()]
    index = struct.pack(">H", len(pairs)) + b"".join(_PAIR.pack(len(key), UTF8, len(value)) for key, value in pairs)
    return index, b"".join(key + value for key, value in pairs)


def write_extended(index: bytes, data: bytes, message_id: int) -> bytes:
    return _EXTENDED.pack(_EXTENDED.size, len(index), len(data), message_id)
