"""The messages of OpenIGTLink: one frozen dataclass for each type. Every field read is checked; messages are written by the specification.

From version 2 on, the content lies between an extended header and the metadata (pairs of key and text).
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
    """`code` 1 means that all is well."""

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
    """A valid message of a type that is not read here; queries (GET_, STT_, STP_) are such types."""

    content: memoryview


Body: TypeAlias = Image | Transform | Status | String | Capability | Other


class Message(NamedTuple):
    header: Header
    body: Body
    metadata: Mapping[str, str] = MappingProxyType({})
    message_id: int = 0


IMAGE_HEAD = _EXTENDED.size + HEAD.size
"""This many bytes of an image's body state its length, in any version."""
SLACK = 65536


def plausible_image(header: Header, body: memoryview) -> bool:
    """True if an image's body is as long as its head states, plus metadata: a damaged size must not take the next messages with it."""
    if header.type != "IMAGE":
        return True
    head = (body[: HEAD.size] if header.version == 1 else body[_EXTENDED.size : IMAGE_HEAD]).tobytes()
    return len(head) < HEAD.size or header.body_size <= IMAGE_HEAD + announced_bytes(head) + SLACK


def read_message(header: Header, body: memoryview) -> Message:
    """Reads a message whose checksum is right.

    Raises:
        MalformedIgtl: it breaks the specification.
    """
    content, metadata, message_id = (body, {}, 0) if header.version == 1 else _extended(body)
    reader = _READERS.get(header.type)
    return Message(header, Other(content) if reader is None else reader(content), metadata, message_id)


def _extended(body: memoryview) -> tuple[memoryview, dict[str, str], int]:
    if len(body) < _EXTENDED.size:
        raise malformed("an extended header is cut off")
    size, index_size, data_size, message_id = _EXTENDED.unpack_from(body)
    end = len(body) - index_size - data_size
    if size < _EXTENDED.size or end < size:
        raise malformed("an extended header announces more bytes than the message has")
    if end == len(body):
        return body[size:], {}, message_id
    return body[size:end], _metadata(body[end : end + index_size], bytes(body[end + index_size :])), message_id


def _metadata(index: memoryview, data: bytes) -> dict[str, str]:
    if not len(index):
        return {}
    count = struct.unpack_from(">H", index)[0] if len(index) >= 2 else 0
    if len(index) < 2 + count * _PAIR.size:
        raise malformed("metadata has no index")
    found, at = {}, 0
    for number in range(count):
        key_size, encoding, value_size = _PAIR.unpack_from(index, 2 + number * _PAIR.size)
        if at + key_size + value_size > len(data):
            raise malformed("metadata is cut off")
        key = _text(data[at : at + key_size], ASCII)
        found[key] = _text(data[at + key_size : at + key_size + value_size], encoding)
        at += key_size + value_size
    return found


def _text(data: bytes, encoding: int) -> str:
    return data.rstrip(b"\0").decode(ENCODINGS.get(encoding, "utf-8"), "replace")


def _read_transform(content: memoryview) -> Transform:
    if len(content) != _TRANSFORM.size:
        raise malformed(f"a transform has {len(content)} bytes")
    matrix = _TRANSFORM.unpack(content)
    if not all(map(math.isfinite, matrix)):
        raise malformed("a transform is not finite")
    return Transform(matrix)


def _read_status(content: memoryview) -> Status:
    if len(content) < _STATUS.size:
        raise malformed(f"a status has {len(content)} bytes")
    code, subcode, name = _STATUS.unpack_from(content)
    return Status(code, subcode, _text(name.partition(b"\0")[0], ASCII), _text(bytes(content[_STATUS.size :]), UTF8))


def _read_string(content: memoryview) -> String:
    if len(content) < _STRING.size:
        raise malformed("a string has no length")
    encoding, length = _STRING.unpack_from(content)
    data = bytes(content[_STRING.size :])
    if len(data) < length:
        raise malformed(f"a string announces {length} bytes and has {len(data)}")
    return String(_text(data[:length], encoding), encoding)


def _read_capability(content: memoryview) -> Capability:
    if len(content) % CAPABILITY_NAME:
        raise malformed(f"a list of types has {len(content)} bytes")
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
        TypeError: `body` is `Other`, whose type is unknown here.
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
            raise TypeError(f"a message of the class {type(body).__name__} cannot be sent")


def write_metadata(metadata: Mapping[str, str]) -> tuple[bytes, bytes]:
    """The index and the text of metadata."""
    pairs = [(key.encode("ascii", "replace"), value.encode()) for key, value in metadata.items()]
    index = struct.pack(">H", len(pairs)) + b"".join(_PAIR.pack(len(key), UTF8, len(value)) for key, value in pairs)
    return index, b"".join(key + value for key, value in pairs)


def write_extended(index: bytes, data: bytes, message_id: int) -> bytes:
    return _EXTENDED.pack(_EXTENDED.size, len(index), len(data), message_id)
