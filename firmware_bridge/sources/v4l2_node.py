"""The abilities of a V4L2 node, from the kernel itself: many nodes of a grabber carry only metadata and give no frames."""

import fcntl
import os
import struct
from dataclasses import dataclass

QUERYCAP, ENUM_FMT = 0x80685600, 0xC0405602
"""_IOR('V', 0, struct v4l2_capability) and _IOWR('V', 2, struct v4l2_fmtdesc)."""
VIDEO_CAPTURE, DEVICE_CAPS, STREAMING = 0x00000001, 0x80000000, 0x04000000
CAPTURE_BUFFERS = 1
FORMATS_LIMIT = 64

_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_FORMAT = struct.Struct("=III32sI16x")


@dataclass(frozen=True, slots=True)
class Capability:
    """`captures` is true for a node that gives frames."""

    driver: str
    card: str
    bus: str
    captures: bool


def read_capability(data: bytes) -> Capability:
    """Struct v4l2_capability, 104 bytes."""
    driver, card, bus, _, all_caps, node_caps = _CAPABILITY.unpack(data)
    caps = node_caps if all_caps & DEVICE_CAPS else all_caps
    return Capability(_text(driver), _text(card), _text(bus), caps & VIDEO_CAPTURE != 0 and caps & STREAMING != 0)


def ask_format(index: int) -> bytearray:
    """Struct v4l2_fmtdesc, 64 bytes, as a request."""
    return bytearray(_FORMAT.pack(index, CAPTURE_BUFFERS, 0, b"", 0))


def read_format(data: bytes) -> str:
    """The four letters of the format, such as YUYV or MJPG."""
    return _text(_FORMAT.unpack(data)[4].to_bytes(4, "little")).strip()


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace")


def look(path: str) -> tuple[Capability, tuple[str, ...]]:
    """The kind of a node and its formats.

    Raises:
        OSError: it cannot be opened, or is not a V4L2 node.
    """
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        answer = bytearray(_CAPABILITY.size)
        fcntl.ioctl(fd, QUERYCAP, answer)
        capability, formats = read_capability(bytes(answer)), []
        for index in range(FORMATS_LIMIT if capability.captures else 0):
            asked = ask_format(index)
            try:
                fcntl.ioctl(fd, ENUM_FMT, asked)
            except OSError:  # EINVAL after the last
                break
            formats.append(read_format(bytes(asked)))
        return capability, tuple(formats)
    finally:
        os.close(fd)
