"""MLLP, the minimal lower layer protocol of HL7 (release 1), without input or output: frames around messages, and acknowledgements.

A frame is VT, the message, FS, CR. Bytes between frames mean nothing and are skipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from edge.exchange.hl7.er7 import SEGMENT_END, unescaped
from firmware_bridge.errors import PeerFault

START, END = b"\x0b", b"\x1c\r"
LONGEST: Final = 1 << 20
"""Bytes of the longest message that is received: an acknowledgement has some hundred."""

Answer = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
"""Accepted, error or rejected, by the application or (C) only by the receiver in front of it (HL7 table 0008)."""


class MllpTooLong(PeerFault):
    """The other end sends more than a message can have."""

    code = "mllp-too-long"


class AcknowledgementUnreadable(PeerFault):
    """The answer to a message is not an acknowledgement."""

    code = "acknowledgement-unreadable"


def framed(message: bytes) -> bytes:
    """A message in its frame.

    Raises:
        ValueError: the end of a frame is in the message, so the receiver would cut it there.
    """
    if END in message or START in message:
        raise ValueError("a message must not contain the bytes of a frame; escape control characters")
    return START + message + END


class MllpDecoder:
    """Takes bytes as they arrive, however they are split, and gives whole messages."""

    def __init__(self) -> None:
        self._pending = b""

    @property
    def partial(self) -> bool:
        """Whether a message has begun that is not complete."""
        return bool(self._pending)

    def feed(self, content: bytes) -> Iterator[bytes]:
        """The messages that are complete with these bytes. Of a frame that was begun again before its end, the last one counts.

        Raises:
            MllpTooLong: a message has more than `LONGEST` bytes; what was received of it is forgotten.
        """
        *frames, rest = (self._pending + content).split(END)
        whole = [frame.rpartition(START)[2] for frame in frames if START in frame]
        self._pending = rest[rest.find(START) :] if START in rest else END[:1] * rest.endswith(END[:1])
        if len(self._pending) > LONGEST:
            self._pending = b""
            raise MllpTooLong(f"The HL7 receiver sent more than {LONGEST} bytes without the end of a message", "Check its address and port")
        return iter(whole)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The answer to the message with this control id; `text` is what the receiver states of it, empty where it states nothing."""

    code: Answer
    control_id: str
    text: str

    @property
    def accepted(self) -> bool:
        return self.code in ("AA", "CA")


def acknowledgement(message: bytes) -> Acknowledgement:
    """Reads an acknowledgement (ACK), whatever its delimiters; in UTF-8, or where it is not, in Latin-1.

    Raises:
        AcknowledgementUnreadable: it has no MSH or MSA, or a code that table 0008 does not have.
    """
    segments = _segments(message)
    msa = segments.get("MSA", ())
    code = next((known for known in get_args(Answer) if msa[1:2] == (known,)), None)
    if code is None:
        raise AcknowledgementUnreadable(
            f"The HL7 receiver answered with {message[:80]!r}, which is no acknowledgement", "Check that its port is one for HL7 over MLLP"
        )
    error = segments.get("ERR", ())
    stated = (*msa[3:4], *error[8:9], *error[7:8], *error[3:4])
    return Acknowledgement(code, unescaped(msa[2]) if len(msa) > 2 else "", unescaped(next(filter(None, stated), "")))


def _segments(message: bytes) -> dict[str, tuple[str, ...]]:
    """The first segment of each name, split into fields; nothing where it does not begin with MSH."""
    try:
        text = message.decode()
    except UnicodeDecodeError:
        text = message.decode("latin-1")
    if not text.startswith("MSH") or len(text) < 4:
        return {}
    lines = (line.split(text[3]) for line in text.replace("\n", SEGMENT_END).split(SEGMENT_END) if line)
    found: dict[str, tuple[str, ...]] = {}
    for name, *fields in lines:
        found.setdefault(name, (name, *fields))
    return found
