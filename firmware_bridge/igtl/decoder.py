"""Bytes in, OpenIGTLink messages out. After damage the decoder finds the next plausible header and reports the loss.

A header has no checksum of its own: it is accepted only with its body, whose CRC-64 must be right. If it is wrong, the bytes of
the message are searched again: those of a message that was cut short hold the header of the next message.

Some senders compute no checksum and leave the field 0. Their messages are read, and counted as `unchecked`; but after one right
checksum from a device, a 0 in its messages of that type is damage.

A connection is read directly into the decoder's buffer. An image's samples stay there: they are a view of it and are never copied.
"""

from collections.abc import Iterator

import numpy as np
from fastcrc.crc64 import ecma_182

from firmware_bridge.igtl.header import SIZE, START, Header, MalformedIgtl
from firmware_bridge.igtl.messages import IMAGE_HEAD, Message, plausible_image, read_message
from firmware_bridge.link.decoder import GARBAGE, MALFORMED, PAYLOAD_CRC, TRUNCATED, Loss

BUFFER_BYTES = 2 * 1024 * 1024
"""A buffer holds several messages, or one longer message, and lives as long as any image in it."""
LEAST_ROOM = 65536
"""The least room, in bytes, for a read; with less, the next buffer is begun."""
SUSPECT_BYTES = 3
"""This many bytes at the end of the received bytes may be the beginning of a header."""
SENDERS_LIMIT = 256
_NOTHING: Iterator[Message | Loss] = iter(())


class Decoder:
    """One direction of one connection."""

    def __init__(self) -> None:
        self._out: list[Message | Loss] = []
        self._buffer = _buffer(BUFFER_BYTES)
        self._at, self._end = 0, 0
        """The start and the end, in the buffer, of the received bytes that are not decoded yet."""
        self._header: Header | None = None
        self._until = 0
        """While a body arrives: its header, and its end in the buffer."""
        self._garbage = 0
        self._checked: set[tuple[str, str]] = set()
        """The types and devices whose messages have checksums."""
        self.unchecked = 0
        """Messages read without a checksum."""

    @property
    def in_message(self) -> bool:
        """True between a header and the end of its body."""
        return self._header is not None

    def room(self) -> memoryview:
        """The place for the next bytes: never empty, and valid until bytes are taken."""
        return self._buffer[self._end :]

    def took(self, count: int) -> Iterator[Message | Loss]:
        """Takes the first `count` bytes of `room()`, then returns the messages that they complete. Never raises, for any bytes."""
        self._end += count
        if self._end < self._until:
            return _NOTHING
        self._understand()
        if len(self._buffer) < max(self._until, self._end + LEAST_ROOM):
            self._make_room()
        return self._emptied()

    def feed(self, data: bytes) -> Iterator[Message | Loss]:
        """Takes all of these bytes, which were read elsewhere, then returns the messages that they complete."""
        found: list[Message | Loss] = []
        at = 0
        while at < len(data):
            room = self.room()
            part = data[at : at + len(room)]
            room[: len(part)] = part
            found += self.took(len(part))
            at += len(part)
        return iter(found)

    def close(self) -> Iterator[Message | Loss]:
        """The messages and losses that remain at the end of the connection."""
        while self._header is not None:
            self._give_up(self._header, TRUNCATED)
            self._understand()
        self._garbage += self._end - self._at
        self._at = self._end
        self._report_garbage()
        return self._emptied()

    def _understand(self) -> None:
        while self._hunt() if self._header is None else self._complete(self._header):
            pass

    def _hunt(self) -> bool:
        """Skips to the next plausible header, or to the first byte that must wait for more; True if there is a header."""
        while self._end - self._at >= SIZE:
            header = Header.unpack(self._buffer, self._at)
            if header is not None:
                body = self._at + SIZE
                arrived = self._buffer[body : self._end]
                if header.type == "IMAGE" and len(arrived) < IMAGE_HEAD and len(arrived) < header.body_size:
                    return False
                if plausible_image(header, arrived):
                    self._report_garbage()
                    self._header, self._until = header, body + header.body_size
                    return True
            self._skip(1)
        self._skip(0)
        return False

    def _skip(self, least: int) -> None:
        """Drops bytes up to the next possible beginning of a header."""
        match = START.search(self._buffer, self._at + least, self._end)
        found = match.start() if match else max(self._at + least, self._end - SUSPECT_BYTES)
        self._garbage += found - self._at
        self._at = found

    def _complete(self, header: Header) -> bool:
        """True if the whole body has arrived; it was then read, or found to be damaged."""
        if self._end < self._until:
            return False
        body = self._buffer[self._at + SIZE : self._until]
        if not self._trusts(header, ecma_182(body)):
            self._give_up(header, PAYLOAD_CRC)
            return True
        self._header, self._at, self._until = None, self._until, 0
        try:
            self._out.append(read_message(header, body.toreadonly()))
        except MalformedIgtl as error:
            self._out.append(Loss(MALFORMED, SIZE + header.body_size, int(header.type == "IMAGE"), error.what))
        return True

    def _trusts(self, header: Header, crc: int) -> bool:
        """True if the checksum is right, or if this sender has none. The checksum of a body of zeros, or of no body, is 0 itself."""
        sender = header.type, header.device
        if crc == header.crc:
            if crc and len(self._checked) < SENDERS_LIMIT:
                self._checked.add(sender)
            return True
        trusted = header.crc == 0 and sender not in self._checked
        self.unchecked += trusted
        return trusted

    def _give_up(self, header: Header, cause: str) -> None:
        """Reports the message as lost. All but its first byte is searched again: even its header may hold that of the next message."""
        self._header, self._at, self._until = None, self._at + 1, 0
        self._out.append(Loss(cause, 1, int(header.type == "IMAGE")))

    def _make_room(self) -> None:
        """Begins another buffer when the current message or the next read does not fit into this one."""
        old, begun, size = self._buffer, self._at, self._end - self._at
        self._until = max(0, self._until - begun)
        self._buffer = _buffer(max(BUFFER_BYTES, max(self._until, size) + LEAST_ROOM))
        self._buffer[:size] = old[begun : begun + size]
        self._at, self._end = 0, size

    def _emptied(self) -> Iterator[Message | Loss]:
        done, self._out = self._out, []
        return iter(done)

    def _report_garbage(self) -> None:
        if self._garbage:
            self._out.append(Loss(GARBAGE, self._garbage, 0))
        self._garbage = 0


def _buffer(size: int) -> memoryview:
    return np.empty(size, np.uint8).data
