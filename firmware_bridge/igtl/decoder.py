"""Bytes in, OpenIGTLink messages out; after damage the next header that makes sense is found and the loss is told.

A header is only believed with its body: it has no checksum of its own, so the body's CRC-64 must hold. If it does not, the bytes
taken for the message are searched again, as those of one that was cut short hold the head of what follows.

A connection is read straight into the decoder's buffer, where an image's samples stay: they are a view of it and are never copied.
"""

from collections.abc import Iterator

import numpy as np
from fastcrc.crc64 import ecma_182

from firmware_bridge.igtl.header import SIZE, START, Header, MalformedIgtl
from firmware_bridge.igtl.messages import IMAGE_HEAD, Message, plausible_image, read_message
from firmware_bridge.link.decoder import GARBAGE, MALFORMED, PAYLOAD_CRC, TRUNCATED, Loss

BUFFER_BYTES = 2 * 1024 * 1024
"""A buffer holds several messages, or one longer one, and lives as long as any image that lies in it."""
LEAST_ROOM = 65536
"""Bytes that a read can put into a buffer at least, or else the next is begun."""
SUSPECT_BYTES = 3
"""How many bytes at the end of what is there may be the beginning of a header."""
_NOTHING: Iterator[Message | Loss] = iter(())


class Decoder:
    """One direction of one connection."""

    def __init__(self) -> None:
        self._out: list[Message | Loss] = []
        self._buffer = _buffer(BUFFER_BYTES)
        self._at, self._end = 0, 0
        """Where in the buffer the bytes that are there and not yet told begin and end."""
        self._header: Header | None = None
        self._until = 0
        """While receiving a body: its header, and where in the buffer it ends."""
        self._garbage = 0

    @property
    def in_message(self) -> bool:
        """True between a header and the end of its body."""
        return self._header is not None

    def room(self) -> memoryview:
        """Where the next bytes belong: never empty, and good until bytes are taken."""
        return self._buffer[self._end :]

    def took(self, count: int) -> Iterator[Message | Loss]:
        """Takes the first `count` bytes of `room()`, before it returns what they complete. Never raises, whatever the bytes are."""
        self._end += count
        if self._end < self._until:
            return _NOTHING
        self._understand()
        if len(self._buffer) < max(self._until, self._end + LEAST_ROOM):
            self._make_room()
        return self._told()

    def feed(self, data: bytes) -> Iterator[Message | Loss]:
        """Takes bytes that were read elsewhere, all of them before it returns what they complete."""
        told: list[Message | Loss] = []
        at = 0
        while at < len(data):
            room = self.room()
            part = data[at : at + len(room)]
            room[: len(part)] = part
            told += self.took(len(part))
            at += len(part)
        return iter(told)

    def close(self) -> Iterator[Message | Loss]:
        """What the end of the connection leaves behind."""
        while self._header is not None:
            self._give_up(self._header, TRUNCATED)
            self._understand()
        self._garbage += self._end - self._at
        self._at = self._end
        self._tell_garbage()
        return self._told()

    def _understand(self) -> None:
        while self._hunt() if self._header is None else self._complete(self._header):
            pass

    def _hunt(self) -> bool:
        """Skips to the next header that makes sense, or else to the first byte that must wait for more; whether there is one."""
        while self._end - self._at >= SIZE:
            header = Header.unpack(self._buffer, self._at)
            if header is not None:
                body = self._at + SIZE
                there = self._buffer[body : self._end]
                if header.type == "IMAGE" and len(there) < IMAGE_HEAD and len(there) < header.body_size:
                    return False
                if plausible_image(header, there):
                    self._tell_garbage()
                    self._header, self._until = header, body + header.body_size
                    return True
            self._skip(1)
        self._skip(0)
        return False

    def _skip(self, least: int) -> None:
        """Drops bytes up to the next that may begin a header."""
        match = START.search(self._buffer, self._at + least, self._end)
        found = match.start() if match else max(self._at + least, self._end - SUSPECT_BYTES)
        self._garbage += found - self._at
        self._at = found

    def _complete(self, header: Header) -> bool:
        """Whether the body is there: it is read, or found damaged."""
        if self._end < self._until:
            return False
        body = self._buffer[self._at + SIZE : self._until]
        if ecma_182(body) != header.crc:
            self._give_up(header, PAYLOAD_CRC)
            return True
        self._header, self._at, self._until = None, self._until, 0
        try:
            self._out.append(read_message(header, body.toreadonly()))
        except MalformedIgtl:
            self._out.append(Loss(MALFORMED, SIZE + header.body_size, int(header.type == "IMAGE")))
        return True

    def _give_up(self, header: Header, cause: str) -> None:
        """Tells the message as lost; all but its first byte is searched again: even its header may hold the next one's."""
        self._header, self._at, self._until = None, self._at + 1, 0
        self._out.append(Loss(cause, 1, int(header.type == "IMAGE")))

    def _make_room(self) -> None:
        """Begins another buffer when the message under way or the next read does not fit into this one."""
        old, begun, size = self._buffer, self._at, self._end - self._at
        self._until = max(0, self._until - begun)
        self._buffer = _buffer(max(BUFFER_BYTES, max(self._until, size) + LEAST_ROOM))
        self._buffer[:size] = old[begun : begun + size]
        self._at, self._end = 0, size

    def _told(self) -> Iterator[Message | Loss]:
        told, self._out = self._out, []
        return iter(told)

    def _tell_garbage(self) -> None:
        if self._garbage:
            self._out.append(Loss(GARBAGE, self._garbage, 0))
        self._garbage = 0


def _buffer(size: int) -> memoryview:
    return np.empty(size, np.uint8).data
