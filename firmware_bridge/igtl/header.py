"""The 58 bytes before every OpenIGTLink message. They have no magic number and no checksum, so their values are checked."""

import re
import struct
from functools import lru_cache
from typing import NamedTuple

from firmware_bridge.errors import LinkError

PORT = 18944
VERSIONS = (1, 2, 3)
BODY_LIMIT = 64 * 1024 * 1024
"""Longest body, in bytes; an uncompressed 4K image in colour has 25 MB."""
SIZE = 58

SMALL_LIMIT = 1024 * 1024
"""Longest body of a message that is not an image, in bytes."""

_HEADER = struct.Struct(">34sQQQ")
_NAMES = struct.Struct(">H12s20s")
_TYPE = re.compile(rb"[A-Z][A-Z0-9_]{1,11}\0{0,10}")
START = re.compile(rb"\0[\1-\3](?=[A-Z][A-Z0-9_])")
"""The beginning of a header: its version, then the first letters of its type."""
LARGE = {name.ljust(12, b"\0") for name in (b"IMAGE", b"VIDEO", b"POLYDATA", b"NDARRAY", b"BIND", b"COLORT")}
FRACTIONS = 2**32
"""A timestamp counts seconds in its upper 32 bits, and these parts of a second in its lower 32 bits."""


class MalformedIgtl(LinkError):
    """A message whose checksum is right and whose body breaks the specification."""

    code = "malformed-igtl"


def malformed(what: str) -> MalformedIgtl:
    return MalformedIgtl(f"an OpenIGTLink message breaks the specification: {what}", "Update the program that sent it")


class Header(NamedTuple):
    """A plausible header; `timestamp` is 32.32 fixed point, in seconds since 1970 if the sender knows the time."""

    version: int
    type: str
    device: str
    timestamp: int
    body_size: int
    crc: int

    @property
    def time_us(self) -> int:
        """The timestamp in microseconds."""
        return self.timestamp * 1_000_000 // FRACTIONS

    def pack(self) -> bytes:
        names = _NAMES.pack(self.version, self.type.encode(), self.device.encode()[:20])
        return _HEADER.pack(names, self.timestamp, self.body_size, self.crc)

    @classmethod
    def unpack(cls, data: bytes | memoryview, at: int = 0) -> "Header | None":
        """The header at offset `at` of `data`, which holds at least 58 bytes from there; None if these bytes are not a plausible header."""
        names, timestamp, size, crc = _HEADER.unpack_from(data, at)
        named = _named(names)
        if named is None or size > named.limit:
            return None
        return cls(named.version, named.type, named.device, timestamp, size, crc)


class _Named(NamedTuple):
    version: int
    type: str
    device: str
    limit: int


@lru_cache(maxsize=64)
def _named(names: bytes) -> _Named | None:
    """The version and the names in a header, and the longest body of this type; read once for all messages with the same bytes."""
    version, kind, device = _NAMES.unpack(names)
    name, _, rest = device.partition(b"\0")
    if version not in VERSIONS or not _TYPE.fullmatch(kind) or rest.strip(b"\0"):
        return None
    try:
        return _Named(version, kind.rstrip(b"\0").decode(), name.decode(), BODY_LIMIT if kind in LARGE else SMALL_LIMIT)
    except UnicodeDecodeError:
        return None


def timestamp_of(seconds: float) -> int:
    """Seconds since 1970 as a timestamp."""
    return round(seconds * FRACTIONS)
