"""Bytes in, OpenIGTLink messages out; after damage the next header that makes sense is found and the loss is told.

A header is only believed with its body: it has no checksum of its own, so the body's CRC-64 must hold. If it does not, the bytes
taken for the message are searched again, as those of one that was cut short hold the head of what follows.
"""

from collections.abc import Iterator

from fastcrc.crc64 import ecma_182

from firmware_bridge.igtl.header import SIZE, START, Header, MalformedIgtl
from firmware_bridge.igtl.messages import IMAGE_HEAD, Message, plausible_image, read_message
from firmware_bridge.link.decoder import GARBAGE, MALFORMED, PAYLOAD_CRC, TRUNCATED, Loss

SUSPECT_BYTES = 3
"""How many bytes at the end of what is there may be the beginning of a header."""
_NOTHING: Iterator[Message | Loss] = iter(())


class Decoder:
    """One direction of one connection."""

    def __init__(self) -> None:
        self._out: list[Message | Loss] = []
        self._rest = b""
        self._header: Header | None = None
        self._head = b""
        self._parts: list[bytes | memoryview] = []
        self._missing = 0
        """While receiving a body: the parts that are there, joined once at its end, and how many bytes are not."""
        self._garbage = 0

    @property
    def in_message(self) -> bool:
        """True between a header and the end of its body."""
        return self._header is not None

    def feed(self, data: bytes) -> Iterator[Message | Loss]:
        """Takes all of `data` at once, before it returns what this completes. Never raises, whatever the bytes are."""
        size = len(data)
        if size < self._missing:
            self._missing -= size
            self._parts.append(data)
            return _NOTHING
        self._take(data)
        done, self._out = self._out, []
        return iter(done)

    def close(self) -> Iterator[Message | Loss]:
        """What the end of the connection leaves behind."""
        while self._header is not None:
            self._take(self._give_up(self._header, TRUNCATED))
        self._garbage += len(self._rest)
        self._rest = b""
        self._tell_garbage()
        done, self._out = self._out, []
        return iter(done)

    def _take(self, data: bytes) -> None:
        at = 0
        if self._header is None:
            data, self._rest = self._rest + data, b""
        while True:
            if self._header is None:
                at = self._hunt(data, at)
                if self._header is None:
                    self._rest = data[at:]
                    return
            at = self._fill(data, at)
            if self._missing:
                return
            body = b"".join(self._parts)
            if ecma_182(body) == self._header.crc:
                self._complete(self._header, memoryview(body))
            else:
                data, at = self._give_up(self._header, PAYLOAD_CRC) + data[at:], 0

    def _hunt(self, data: bytes, at: int) -> int:
        """Skips to behind the next header that makes sense, or to the first byte that must wait for more."""
        while True:
            match = START.search(data, at)
            found = match.start() if match else max(at, len(data) - SUSPECT_BYTES)
            self._garbage += found - at
            at, body = found, found + SIZE
            if match is None or len(data) < body:
                return at
            header = Header.unpack(data, at)
            if header is not None and header.type == "IMAGE" and len(data) < body + min(IMAGE_HEAD, header.body_size):
                return at
            if header is None or not plausible_image(header, data[body : body + IMAGE_HEAD]):
                self._garbage += 1
                at += 1
                continue
            self._tell_garbage()
            self._header, self._missing, self._head = header, header.body_size, data[at:body]
            return body

    def _fill(self, data: bytes, at: int) -> int:
        end = min(at + self._missing, len(data))
        self._parts.append(memoryview(data)[at:end])
        self._missing -= end - at
        return end

    def _complete(self, header: Header, body: memoryview) -> None:
        self._header, self._parts = None, []
        try:
            self._out.append(read_message(header, body))
        except MalformedIgtl:
            self._out.append(Loss(MALFORMED, SIZE + header.body_size, int(header.type == "IMAGE")))

    def _give_up(self, header: Header, cause: str) -> bytes:
        """Tells the message as lost and returns all but its first byte to be searched: even its header may hold the next one's."""
        swallowed = b"".join([self._head[1:], *self._parts])
        self._header, self._parts, self._missing = None, [], 0
        self._out.append(Loss(cause, 1, int(header.type == "IMAGE")))
        return swallowed

    def _tell_garbage(self) -> None:
        if self._garbage:
            self._out.append(Loss(GARBAGE, self._garbage, 0))
        self._garbage = 0
