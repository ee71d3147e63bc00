"""A message as bytes."""

from collections.abc import Mapping

from fastcrc.crc64 import ecma_182

from firmware_bridge.igtl.header import Header
from firmware_bridge.igtl.messages import Body, write_body, write_extended, write_metadata


def encode(
    body: Body, device: str = "", timestamp: int = 0, *, version: int = 1, metadata: Mapping[str, str] | None = None, message_id: int = 0
) -> bytes:
    """The message in one piece; its metadata and its number are sent only from version 2 on.

    Raises:
        TypeError: see `write_body`.
    """
    kind, content = write_body(body)
    if version > 1:
        index, data = write_metadata(metadata or {})
        content = (write_extended(index, data, message_id), *content, index, data)
    return _message(kind, b"".join(content), device, timestamp, version)


def encode_query(kind: str, device: str = "") -> bytes:
    """A query, such as GET_STATUS, without content. It has version 2, so that the peer learns which version is understood."""
    return _message(kind, write_extended(b"", b"", 0), device, 0, 2)


def _message(kind: str, body: bytes, device: str, timestamp: int, version: int) -> bytes:
    return Header(version, kind, device, timestamp, len(body), ecma_182(body)).pack() + body
