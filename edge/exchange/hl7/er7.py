r"""ER7, the text form of HL7 v2: fields, components and repetitions with their delimiters, and the escaping of text in them.

Escapes are those of HL7 v2.5.1, section 2.7: `\F\`, `\S\`, `\R\`, `\E\`, `\T\` for the five delimiters, and `\Xhh..\` for bytes.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from edge.exchange.codes import Code

FIELD, COMPONENT, REPETITION, ESCAPE, SUBCOMPONENT = "|", "^", "~", "\\", "&"
ENCODING: Final = f"{COMPONENT}{REPETITION}{ESCAPE}{SUBCOMPONENT}"
SEGMENT_END: Final = "\r"
_LETTERS = {FIELD: "F", COMPONENT: "S", REPETITION: "R", ESCAPE: "E", SUBCOMPONENT: "T"}
_MARKS = {letter: mark for mark, letter in _LETTERS.items()}
_UNSAFE = re.compile(r"[|^~\\&\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"\\([FSRET]|X(?:[0-9A-Fa-f]{2})+)\\")


def escaped(text: str) -> str:
    """Text that means the same between delimiters; control characters, such as the ends of lines, are escaped as bytes."""
    return _UNSAFE.sub(_escape, text)


def unescaped(text: str) -> str:
    """The text that `escaped` made safe. Escapes that it does not know stay as they are."""
    return _ESCAPED.sub(_unescape, text)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return f"{ESCAPE}{_LETTERS.get(char) or f'X{ord(char):02X}'}{ESCAPE}"


def _unescape(found: re.Match[str]) -> str:
    what = found[1]
    return _MARKS[what] if what in _MARKS else bytes.fromhex(what[1:]).decode("utf-8", "replace")


def components(*texts: str) -> str:
    """A field of several components, each escaped; empty ones at the end are left out."""
    return COMPONENT.join(map(escaped, texts)).rstrip(COMPONENT)


def lines(text: str) -> str:
    """A field of text (TX, FT), in which a repetition begins the next line (HL7 v2.5.1, chapter 2A, TX)."""
    return REPETITION.join(map(escaped, text.splitlines()))


def coded(code: Code) -> str:
    """A coded element (CE, CWE): value, meaning, scheme."""
    return components(code.value, code.meaning, code.scheme)


def at(moment: datetime | None) -> str:
    """A time stamp (TS) with its zone; empty where there is none."""
    return moment.strftime("%Y%m%d%H%M%S%z") if moment else ""


def segment(name: str, *fields: str) -> str:
    """A segment of fields that are already escaped; empty ones at the end are left out."""
    return FIELD.join((name, *fields)).rstrip(FIELD)


def message(segments: Iterable[str]) -> bytes:
    """A message in UTF-8."""
    return "".join(f"{each}{SEGMENT_END}" for each in segments).encode()
