"""What peers say: one frozen dataclass a message type, read with suspicion and written as the specification asks.

From version 2 on the content stands between an extended header and metadata (pairs of key and text).
"""

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from firmware_bridge.igtl.header import Header, malformed
from firmware_bridge.igtl.image import HEAD, Image, Matrix, announced_bytes, read_image, write_image

ASCII, UTF8 = 3, 106
"""IANA MIBenum numbers of text encodings."""
ENCODINGS = {ASCII: "ascii", UTF8: "utf-8"}
_EXTENDED = struct.Struct(">HHII")
_PAIR = struct.Struct(">HHI")
_TRANSFORM = struct.Struct(">12f")
_STATUS = struct.Struct(">Hq20s")
_STRING = struct.Struct(">HH")
CAPABILITY_NAME = 12

STATUS_OK = 1


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


IMAGE_HEAD = _EXTENDED.size + HEAD.size
"""Bytes of an image's body that tell how long it should be, in any version."""
SLACK = 65536


def plausible_image(header: Header, body: memoryview) -> bool:
    """Whether an image's body is as long as its own head makes it, up to metadata: a damaged size must not swallow what follows it."""
    if header.type != "IMAGE":
        return True
    head = (body[: HEAD.size] if header.version == 1 else body[_EXTENDED.size : IMAGE_HEAD]).tobytes()
    return len(head) < HEAD.size or header.body_size <= IMAGE_HEAD + announced_bytes(head) + SLACK


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
    "IMAGE": read_image,
    "TRANSFORM": _read_transform,
    "STATUS": _read_status,
    "STRING": _read_string,
    "CAPABILITY": _read_capability,
}


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
