"""The 32 bytes before every SonoLink message: they mark it, state its size, and have a checksum of their own.

The layout is frozen for all versions of SonoLink, so that a receiver can always skip a message that it cannot read.
"""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum, IntFlag

MAGIC = b"SLNK"
VERSION = 1
"""The version that this package writes. Start, Hello and ErrorReport are always written in it."""
VERSIONS = (1,)
"""Every version that this package reads."""
PAYLOAD_LIMIT = 16 * 1024 * 1024
"""Longest payload in bytes; a header that announces more is malformed."""
SEQUENCES = 2**32
"""Frame numbers start at 0 again here."""

_CHECKED = struct.Struct("<4sBBHIQII")
_CHECKSUM = struct.Struct("<I")
HEADER_SIZE = _CHECKED.size + _CHECKSUM.size


class MessageType(IntEnum):
    """The kind of payload. 0x01-0x1f come from the probe, 0x20-0x3f from the host, 0x40 from both."""

    HELLO = 0x01
    GEOMETRY = 0x02
    SETTINGS = 0x03
    FRAME = 0x04
    EVENT = 0x05
    STATUS = 0x06
    ERROR = 0x07
    START = 0x20
    STOP = 0x21
    SET_SETTINGS = 0x22
    HEARTBEAT = 0x40


class Flags(IntFlag):
    """The origin of a frame's pixels; without a flag they come from a body, live. Unknown bits stay unchanged and are ignored."""

    SIMULATED = 1
    """Synthetic pixels."""
    REPLAY = 2
    """Recorded pixels."""


@dataclass(frozen=True, slots=True)
class Header:
    """A checked header.

    `sequence` numbers the frames, from 0 at each start, modulo 2**32: a FRAME carries its own number, every other message the
    number of the next frame. So any message shows how many frames were lost before it.
    `time_us` is the device's clock in microseconds; `type` is a plain int, because a newer probe may send a type that is unknown here.
    """

    version: int
    type: int
    flags: Flags
    sequence: int
    time_us: int
    length: int
    payload_crc: int

    def pack(self) -> bytes:
        """The header's 32 bytes.

        Raises:
            struct.error: a number does not fit its field.
        """
        checked = _CHECKED.pack(MAGIC, self.version, self.type, self.flags, self.sequence, self.time_us, self.length, self.payload_crc)
        return checked + _CHECKSUM.pack(zlib.crc32(checked))

    @classmethod
    def unpack(cls, data: bytes | memoryview, at: int = 0) -> "Header | None":
        """The header at offset `at` of `data`, which holds at least 32 bytes from there; None if these bytes are not a valid header."""
        end = at + _CHECKED.size
        if _CHECKSUM.unpack_from(data, end)[0] != zlib.crc32(data[at:end]):
            return None
        magic, version, kind, flags, sequence, time_us, length, payload_crc = _CHECKED.unpack_from(data, at)
        return cls(version, kind, Flags(flags), sequence, time_us, length, payload_crc) if magic == MAGIC else None
