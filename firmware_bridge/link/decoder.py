"""Bytes in, messages out; and whatever breaks on the way, the next sound header is found and the loss is told exactly.

Every byte fed ends in a message, in a `Loss`, or is still waiting. The chunks of a payload are kept as they come and joined once,
into the buffer that the frame then keeps: that copy and the payload's CRC-32 are all that is done per byte. A sound header is
trusted for its length, so a message cut short swallows the head of what follows; when its checksum then fails, the swallowed
bytes are searched again.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from firmware_bridge.errors import MalformedMessage
from firmware_bridge.link.header import HEADER_SIZE, MAGIC, PAYLOAD_LIMIT, SEQUENCES, VERSIONS, Header, MessageType
from firmware_bridge.link.messages import Message, read_body

GARBAGE = "garbage"
PAYLOAD_CRC = "payload-crc"
TRUNCATED = "truncated"
MALFORMED = "malformed"
SEQUENCE_GAP = "sequence-gap"
SEQUENCE_RESTART = "sequence-restart"

CAUSES = {
    GARBAGE: "bytes between messages that belong to none",
    PAYLOAD_CRC: "a message whose payload arrived changed",
    TRUNCATED: "a message cut short",
    MALFORMED: "a message with sound checksums that breaks the specification",
    SEQUENCE_GAP: "frames whose numbers never came: lost on the way, or dropped by the probe itself",
    SEQUENCE_RESTART: "the frame number went back without a Hello; how many frames were lost is not known",
}

_NOTHING: Iterator["Message | Loss"] = iter(())
REPORT_BYTES = 64 * 1024
"""A line that carries nothing but garbage is reported this often."""
MOST_PARTS = 65536
"""A payload that trickles in byte by byte is joined in between, or else its parts would take many times its own memory."""
PIECE_BYTES = 1024 * 1024
"""Fed data are taken in pieces of this size: what follows a message that failed is copied once more, and that has to stay cheap."""

bytearray(4 * 1024 * 1024)
# glibc maps each block of 128 KiB or more anew, which costs a page fault for every 4 KiB that a frame fills: half of the time of
# decoding. The first larger block that is freed, never touched, raises that threshold: from then on frames reuse warm memory.


@dataclass(frozen=True, slots=True)
class Loss:
    """What one fault cost: bytes that belong to no message read, and frames that are known to be gone."""

    cause: str
    bytes: int
    frames: int


class Decoder:
    """One direction of one link, from the moment that the port was opened."""

    def __init__(self) -> None:
        self._out: list[Message | Loss] = []
        self._rest = b""
        """While hunting for a header: the bytes that may be the beginning of one."""
        self._header: Header | None = None
        """While receiving a payload: its header, the parts that are there, and how many bytes are not."""
        self._parts: list[bytes | memoryview] = []
        self._missing = 0
        self._next_sequence: int | None = None
        self._lost_cause = GARBAGE
        self._lost_bytes = 0
        self._lost_frames = 0
        self._suspect = 0
        """Of the lost bytes, how many the message that failed says are its own; a header among them shows that it was cut short."""

    @property
    def in_message(self) -> bool:
        """True between a sound header and the end of its payload."""
        return self._header is not None

    def feed(self, data: bytes | memoryview) -> Iterator[Message | Loss]:
        """Takes all of `data` at once, before it returns what this completes. Never raises, whatever the bytes are."""
        size = len(data)
        if size < self._missing:
            self._missing -= size
            self._parts.append(data if isinstance(data, bytes) else bytes(data))
            if len(self._parts) == MOST_PARTS:
                self._parts = [b"".join(self._parts)]
            return _NOTHING
        for at in range(0, size, PIECE_BYTES):
            self._take(bytes(data[at : at + PIECE_BYTES]))
        if self._lost_bytes - self._suspect >= REPORT_BYTES:
            self._report()
        return self._emptied()

    def close(self) -> Iterator[Message | Loss]:
        """What the end of the link leaves behind: after this nothing waits any longer."""
        while self._header is not None:
            self._take(self._give_up(self._header, TRUNCATED))
        self._lost_bytes += len(self._rest)
        self._rest = b""
        self._report()
        return self._emptied()

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
            payload = b"".join(self._parts)
            if zlib.crc32(payload) == self._header.payload_crc:
                self._complete(self._header, memoryview(payload))
            else:
                data, at = self._give_up(self._header, PAYLOAD_CRC) + data[at:], 0

    def _hunt(self, data: bytes, at: int) -> int:
        """Skips to behind the next sound header and accepts it, or else to the first byte that must wait for more."""
        while True:
            found = data.find(MAGIC, at)
            if found < 0:
                found = len(data) - next((size for size in (3, 2, 1) if data.endswith(MAGIC[:size], at)), 0)
            self._lost_bytes += found - at
            if len(data) - found < HEADER_SIZE:
                return found
            header = Header.unpack(data, found)
            if header is None:
                self._lost_bytes += len(MAGIC)
                at = found + len(MAGIC)
                continue
            at = found + HEADER_SIZE
            self._follow(header)
            if header.length <= PAYLOAD_LIMIT:
                self._header, self._missing = header, header.length
                return at
            self._lose(header, MALFORMED, 0)

    def _fill(self, data: bytes, at: int) -> int:
        end = min(at + self._missing, len(data))
        self._parts.append(memoryview(data)[at:end])
        self._missing -= end - at
        return end

    def _complete(self, header: Header, payload: memoryview) -> None:
        self._header, self._parts = None, []
        try:
            self._out.append(Message(header, read_body(header, payload)))
        except MalformedMessage:
            self._out.append(Loss(MALFORMED, HEADER_SIZE + header.length, _frames(header)))

    def _give_up(self, header: Header, cause: str) -> bytes:
        """Counts the message as lost and returns what it had swallowed, to be searched for headers."""
        swallowed = b"".join(self._parts)
        self._header, self._parts, self._missing = None, [], 0
        self._lose(header, cause, len(swallowed))
        return swallowed

    def _lose(self, header: Header, cause: str, suspect: int) -> None:
        self._lost_cause, self._lost_bytes, self._lost_frames = cause, HEADER_SIZE, _frames(header)
        self._suspect = HEADER_SIZE + suspect

    def _follow(self, header: Header) -> None:
        """A sound header ends the loss before it, and its number tells which frames are missing."""
        if self._lost_bytes < self._suspect:
            self._lost_cause = TRUNCATED
        self._report()
        if header.version not in VERSIONS:
            return
        if self._next_sequence is not None and header.type != MessageType.HELLO:
            gap = (header.sequence - self._next_sequence) % SEQUENCES
            if gap >= SEQUENCES // 2:
                self._out.append(Loss(SEQUENCE_RESTART, 0, 0))
            elif gap:
                self._out.append(Loss(SEQUENCE_GAP, 0, gap))
        self._next_sequence = (header.sequence + _frames(header)) % SEQUENCES

    def _report(self) -> None:
        if self._lost_bytes:
            self._out.append(Loss(self._lost_cause, self._lost_bytes, self._lost_frames))
        self._lost_cause, self._lost_bytes, self._lost_frames, self._suspect = GARBAGE, 0, 0, 0

    def _emptied(self) -> Iterator[Message | Loss]:
        done, self._out = self._out, []
        return iter(done)


def _frames(header: Header) -> int:
    return int(header.type == MessageType.FRAME)
