"""A message as bytes."""

import zlib

from firmware_bridge.link.fields import malformed
from firmware_bridge.link.header import PAYLOAD_LIMIT, SEQUENCES, VERSION, Flags, Header
from firmware_bridge.link.messages import Payload, write_body

NO_FLAGS = Flags(0)


def encode(body: Payload, sequence: int = 0, time_us: int = 0, flags: Flags = NO_FLAGS) -> bytes:
    """The message in one piece; see `encode_parts`."""
    return b"".join(encode_parts(body, sequence, time_us, flags))


def encode_parts(body: Payload, sequence: int = 0, time_us: int = 0, flags: Flags = NO_FLAGS) -> tuple[bytes | memoryview, ...]:
    """The message in parts, for `os.writev` or one write each. A frame's data are not copied.

    `sequence` (modulo 2**32) is a frame's own number; for every other message it is the number of the next frame.

    Raises:
        MalformedMessage: the payload exceeds the limit of the protocol.
        TypeError, ValueError, struct.error: see `write_body`.
    """
    kind, payload = write_body(body)
    length, checksum = 0, 0
    for part in payload:
        length += len(part)
        checksum = zlib.crc32(part, checksum)
    if length > PAYLOAD_LIMIT:
        raise malformed(f"a payload of {length} bytes, more than {PAYLOAD_LIMIT}")
    return Header(VERSION, kind, flags, sequence % SEQUENCES, time_us, length, checksum).pack(), *payload
