r"""Reads an HL7 v2 message from its bytes, strictly: text that its stated character set does not explain is flagged, and never guessed.

The message states its delimiters (MSH-1, MSH-2) and its character set (MSH-18, HL7 table 0211); without one, it has ASCII only (HL7
v2.5.1, 2.15.9.18). Bytes that cannot be decoded are written as `\xC3`, as those of a worklist are.
"""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge.exchange.hl7.er7 import SEGMENT_END
from firmware_bridge.errors import InputRefused

CODECS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("", "ASCII"), "ascii"),
        **{f"8859/{part}": f"iso8859-{part}" for part in (*range(1, 10), 15)},
        "UNICODE UTF-8": "utf-8",
        "GB 18030-2000": "gb18030",
        "BIG-5": "big5",
        "KS X 1001": "euc_kr",
    }
)
"""Python's codecs by the values of MSH-18. Those that change the set within a text (ISO IR87, ISO IR159) are not read."""
NULL: Final = '""'
"""States that a value is to be removed (HL7 v2.5.1, 2.5.3.2)."""
MOST_SEGMENTS: Final = 1000
_HEX: Final = re.compile(r"X(?:[0-7][0-9A-Fa-f])+")
"""An escape of ASCII bytes; which character other bytes are depends on a set that the escape does not state."""


class Hl7Unreadable(InputRefused):
    """The bytes are no HL7 v2 message."""

    code = "hl7-unreadable"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a message, and whether it is certain."""

    text: str = ""
    certain: bool = True

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """As MSH-1 and MSH-2 state them."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def unescaped(self, raw: str) -> Text:
        """The text of a part of a field. An escape that is not known makes it uncertain, because it may stand for any character."""
        if self.escape not in raw:
            return Text(raw)
        marks = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": self.subcomponent}
        pieces, certain = raw.split(self.escape), len(raw.split(self.escape)) % 2 == 1
        for place in range(1, len(pieces), 2):
            what = pieces[place]
            if what in marks:
                pieces[place] = marks[what]
            elif _HEX.fullmatch(what):
                pieces[place] = bytes.fromhex(what[1:]).decode("ascii")
            else:
                pieces[place], certain = f"{self.escape}{what}{self.escape}", False
        return Text("".join(pieces), certain)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a segment with its delimiters; empty where the segment has none at its place."""

    raw: str
    delimiters: Delimiters
    decoded: bool

    @property
    def repetitions(self) -> tuple["Field", ...]:
        """Those that are not empty."""
        parts = self.raw.split(self.delimiters.repetition)
        return tuple(Field(part, self.delimiters, self.decoded) for part in parts if part)

    def component(self, number: int, subcomponent: int = 1) -> Text:
        """The text of a part of the first repetition, counted from 1; that of the first subcomponent where none is named."""
        found = _part(_part(self.raw, self.delimiters.repetition, 1), self.delimiters.component, number)
        return self._text(_part(found, self.delimiters.subcomponent, subcomponent))

    @property
    def text(self) -> Text:
        """The first part."""
        return self.component(1)

    def _text(self, raw: str) -> Text:
        if raw == NULL:
            return Text()
        found = self.delimiters.unescaped(raw.strip(" "))
        uncertain = not found.certain or any(unicodedata.category(each) == "Cc" for each in found.text)
        if self.decoded or found.text.isascii():
            return Text(_shown(found.text), not uncertain)
        return Text(_as_bytes(found.text), certain=False)


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    fields: tuple[str, ...]
    delimiters: Delimiters
    decoded: bool

    def __getitem__(self, number: int) -> Field:
        """A field by its number in the standard: MSH-9 is `msh[9]`."""
        place = number - 1 if self.name == "MSH" else number  # MSH-1 is the separator itself
        return Field(self.fields[place] if place < len(self.fields) else "", self.delimiters, self.decoded)


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """`decoded`: all of it is text of the stated character set. Otherwise each character stands for one byte."""

    segments: tuple[Segment, ...]
    decoded: bool

    @property
    def msh(self) -> Segment:
        return self.segments[0]

    def first(self, name: str) -> Segment:
        """The first segment of this name; an empty one where there is none."""
        found = next((each for each in self.segments if each.name == name), None)
        return found or Segment(name, (), self.msh.delimiters, self.decoded)


def parsed(message: bytes) -> Hl7Message:
    """The segments of a message.

    Raises:
        Hl7Unreadable: it does not begin with a segment MSH that states its delimiters, or has too many segments.
    """
    raw = message.decode("latin-1")
    text, decoded = raw, False
    if (codec := CODECS.get(_character_set(raw))) is not None:
        with suppress(UnicodeDecodeError):
            text, decoded = message.decode(codec), True
    delimiters = _delimiters(text)
    lines = [line for line in text.replace("\r\n", SEGMENT_END).replace("\n", SEGMENT_END).split(SEGMENT_END) if line.strip()]
    if len(lines) > MOST_SEGMENTS:
        raise Hl7Unreadable(f"The message has more than {MOST_SEGMENTS} segments", "Send one event in a message")
    rows = (tuple(line.split(delimiters.field)) for line in lines)
    return Hl7Message(tuple(Segment(row[0], row, delimiters, decoded) for row in rows), decoded)


def _delimiters(text: str) -> Delimiters:
    if not text.startswith("MSH") or len(text) < 8:
        raise Hl7Unreadable("The message does not begin with MSH and its delimiters", "Send HL7 v2 in its text form (ER7)")
    field = text[3]
    encoding = text[4:].partition(SEGMENT_END)[0].partition(field)[0]
    every = (field, *encoding[:4])
    if len(every) != 5 or len(set(every)) != 5 or any(each.isalnum() or each.isspace() or not each.isprintable() for each in every):
        raise Hl7Unreadable("MSH-1 and MSH-2 do not state five different delimiters", "Write them as |^~\\&")
    return Delimiters(*every)


def _character_set(raw: str) -> str:
    """The first value of MSH-18: others are used after an escape only, which makes a text uncertain."""
    fields = raw.partition(SEGMENT_END)[0].partition("\n")[0].split(raw[3:4] or "|")
    stated = fields[17] if len(fields) > 17 else ""
    repetition = fields[1][1:2] if len(fields) > 1 else ""
    return (stated.partition(repetition)[0] if repetition else stated).strip().upper()


def _part(raw: str, delimiter: str, number: int) -> str:
    parts = raw.split(delimiter)
    return parts[number - 1] if number <= len(parts) else ""


def _shown(text: str) -> str:
    """Control characters are written as their bytes."""
    return "".join(f"\\x{ord(each):02X}" if unicodedata.category(each) == "Cc" else each for each in text)


def _as_bytes(text: str) -> str:
    return "".join(each if 0x20 <= ord(each) < 0x7F else f"\\x{ord(each):02X}" for each in text)
