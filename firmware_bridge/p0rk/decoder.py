"""Bytes in, A-lines and replies out: a streaming probe sends only frames, otherwise lines of text."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firmware_bridge.link.decoder import GARBAGE, PAYLOAD_CRC, SEQUENCE_GAP, SEQUENCE_RESTART, TRUNCATED, Loss
from firmware_bridge.link.header import SEQUENCES
from firmware_bridge.p0rk.frame import MAGIC, SIZE, TYPES, Flags, Header, Line

PROBE_DROP = "probe-drop"
"""The probe reports its first drop; the gap in the numbers shows how much it dropped."""
TEXT_LIMIT = 512
"""The longest reply."""
GAP_LIMIT = 6000
"""A minute of lines at the highest rate. A number further ahead, or one that goes back, is a counter that restarted or was damaged."""
DROPS = Flags.PROCESSING_DROP | Flags.USB_DROP


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of text: `OK ...`, `ERR CODE message`, or the output of a command."""

    text: str


Item = Line | Reply | Loss


class Decoder:
    """One direction of one port."""

    def __init__(self) -> None:
        self._out: list[Item] = []
        self._rest = b""
        self._text = b""
        self._header: Header | None = None
        self._next: int | None = None
        self._drops = Flags(0)

    @property
    def in_message(self) -> bool:
        """True between a header and the end of its samples."""
        return self._header is not None

    def feed(self, data: bytes) -> Iterator[Item]:
        """Takes all of `data`, then returns the lines and replies that this completes. Never raises, for any bytes."""
        self._take(self._rest + data)
        return self._emptied()

    def close(self) -> Iterator[Item]:
        """The lines, replies and losses that remain when the port closes."""
        while self._header is not None:
            self._out.append(Loss(TRUNCATED, 1, 1))
            rest, self._rest, self._header = self._rest[1:], b"", None
            self._take(rest)
        self._lose_text(len(self._rest) + len(self._text))
        self._rest = self._text = b""
        return self._emptied()

    def _take(self, data: bytes) -> None:
        """`_rest` begins with the header of the frame that is arriving, or with the possible beginning of one."""
        at = 0
        while True:
            found = data.find(MAGIC, at)
            if found < 0:
                found = len(data) - next((size for size in (3, 2, 1) if data.endswith(MAGIC[:size], at)), 0)
            self._read_text(data[at:found])
            self._header, self._rest = None, data[found:]
            if len(self._rest) < SIZE:
                return
            header = Header.unpack(self._rest)
            if header is None:
                self._read_text(MAGIC[:1])
                at = found + 1
                continue
            self._header = header
            end = found + SIZE + header.payload_bytes
            if len(data) < end:
                return
            payload = data[found + SIZE : end]
            if zlib.crc32(payload) == header.payload_crc:
                self._complete(header, payload)
                at = end
            else:
                self._out.append(Loss(PAYLOAD_CRC, 1, 1))
                at = found + 1

    def _complete(self, header: Header, payload: bytes) -> None:
        self._lose_text(len(self._text))
        self._text = b""
        if self._next is not None:
            gap = (header.sequence - self._next) % SEQUENCES
            if gap > GAP_LIMIT:
                self._out.append(Loss(SEQUENCE_RESTART, 0, 0))
            elif gap:
                self._out.append(Loss(SEQUENCE_GAP, 0, gap))
        self._next = (header.sequence + 1) % SEQUENCES
        if header.flags & DROPS & ~self._drops:
            self._out.append(Loss(PROBE_DROP, 0, 0))
        self._drops = header.flags & DROPS
        self._out.append(Line(header, np.frombuffer(payload, TYPES[header.kind])))

    def _read_text(self, data: bytes) -> None:
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            text = line.strip(b"\r")
            if len(text) <= TEXT_LIMIT and all(32 <= byte < 127 for byte in text):
                if text:
                    self._out.append(Reply(text.decode()))
            else:
                self._lose_text(len(line) + 1)
        if len(self._text) > TEXT_LIMIT:
            self._lose_text(len(self._text))
            self._text = b""

    def _lose_text(self, size: int) -> None:
        if size:
            self._out.append(Loss(GARBAGE, size, 0))

    def _emptied(self) -> Iterator[Item]:
        done, self._out = self._out, []
        return iter(done)
