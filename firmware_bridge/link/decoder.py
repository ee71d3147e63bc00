"""Bytes in, messages out. After any damage the decoder finds the next valid header and reports the exact loss.

Every byte fed ends in a message, in a `Loss`, or still waits. The chunks of a payload are stored as they arrive and joined once,
into the buffer of the frame: that copy and the payload's CRC-32 are the only work per byte. The length in a valid header is
trusted, so a message that was cut short takes the header of the next message into its payload. Its checksum then fails, and
those bytes are searched again.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

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
    GARBAGE: "bytes between messages that belong to no message",
    PAYLOAD_CRC: "a message whose payload has a wrong checksum",
    TRUNCATED: "a message that was cut short",
    MALFORMED: "a message whose checksums are right and that breaks the specification",
    SEQUENCE_GAP: "frames that never arrived: lost on the way, or dropped by the probe itself",
    SEQUENCE_RESTART: "the frame number went back without a Hello; the number of lost frames is unknown",
}

_NOTHING: Iterator["Message | Loss"] = iter(())
REPORT_BYTES = 64 * 1024
"""A line that carries only garbage is reported after each of this many bytes."""
MOST_PARTS = 65536
"""A payload that arrives byte by byte is joined after this many parts; otherwise the parts take many times its own memory."""
PIECE_BYTES = 1024 * 1024
"""Fed data are processed in pieces of this size: the bytes after a failed message are copied once more, and that must stay cheap."""

bytearray(4 * 1024 * 1024)
# glibc maps new memory for each block of 128 KiB or more. That costs a page fault for every 4 KiB of a frame: half of the time of
# decoding. The first larger block that is freed raises that threshold, even if never touched: later frames reuse warm memory.


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss from one fault: bytes that belong to no message, and frames that are known to be lost; `why` is a sentence, if known."""

    cause: str
    bytes: int
    frames: int
    why: str = field(default="", compare=False)


class Decoder:
    """One direction of one link, from the opening of the port on."""

    def __init__(self) -> None:
        self._out: list[Message | Loss] = []
        self._rest = b""
        """During the search for a header: the bytes that may be the beginning of one."""
        self._header: Header | None = None
        """While a payload arrives: its header, the parts received, and how many bytes are missing."""
        self._parts: list[bytes | memoryview] = []
        self._missing = 0
        self._next_sequence: int | None = None
        self._lost_cause = GARBAGE
        self._lost_bytes = 0
        self._lost_frames = 0
        self._suspect = 0
        """How many of the lost bytes the failed message claims as its own; a header among them shows that it was cut short."""

    @property
    def in_message(self) -> bool:
        """True between a valid header and the end of its payload."""
        return self._header is not None

    def feed(self, data: bytes | memoryview) -> Iterator[Message | Loss]:
        """Takes all of `data`, then returns the messages that this completes. Never raises, for any bytes."""
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
        """The messages and losses that remain at the end of the link; afterwards no byte waits."""
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
        """Skips the next valid header and accepts it, or skips to the first byte that must wait for more."""
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
        except MalformedMessage as error:
            self._out.append(Loss(MALFORMED, HEADER_SIZE + header.length, _frames(header), error.what))

    def _give_up(self, header: Header, cause: str) -> bytes:
        """Counts the message as lost and returns the bytes of its payload, to be searched for headers."""
        payload = b"".join(self._parts)
        self._header, self._parts, self._missing = None, [], 0
        self._lose(header, cause, len(payload))
        return payload

    def _lose(self, header: Header, cause: str, suspect: int) -> None:
        self._lost_cause, self._lost_bytes, self._lost_frames = cause, HEADER_SIZE, _frames(header)
        self._suspect = HEADER_SIZE + suspect

    def _follow(self, header: Header) -> None:
        """A valid header ends the loss before it, and its number shows which frames are missing."""
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
