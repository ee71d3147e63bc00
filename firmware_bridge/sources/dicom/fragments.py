"""Where each compressed frame lies in an object, found in one walk over the heads of its fragments. PS3.5 A.4.

A frame begins at the fragment that begins a codestream. The number of frames and the table of offsets only add to this: machines leave
both out, write zeros, or count wrongly. The frame with a damaged first byte is the reason to heed them at all.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise
from struct import unpack
from typing import BinaryIO

from firmware_bridge.sources.dicom.codestream import HEAD_BYTES, begins_codestream
from firmware_bridge.sources.dicom.contents import MOST_FRAMES, Span

ITEM, ITEM_BYTES = b"\xfe\xff\x00\xe0", 8
"""The tag of an item, (FFFE,E000) in little endian, and the bytes of its tag and length."""
DELIMITER = b"\xfe\xff\xdd\xe0"


@dataclass(frozen=True, slots=True)
class Fragment:
    span: Span
    begins: bool
    """True if its first bytes begin a codestream."""


@dataclass(frozen=True, slots=True)
class Walk:
    """All fragments; `table` is the basic table of offsets. `ended`: the items go on to their end mark, or to the end of the bytes."""

    fragments: list[Fragment]
    table: list[int]
    ended: bool


def walk(file: BinaryIO, start: int, end: int) -> Walk:
    """Visits each item between two places of the file once, without reading what it holds; it stops after one item too many.

    Past a damaged item it goes on at the next frame that the table of offsets knows.
    """
    table_head = _item(file, start, end)
    if table_head is None:
        return Walk([], [], ended=False)
    table = list(array("I", table_head.span.read(file))) if table_head.span.length in range(4, 4 * MOST_FRAMES, 4) else []
    places = sorted(table)
    found: list[Fragment] = []
    at = first = table_head.span.start + table_head.span.length
    while at < end and len(found) <= MOST_FRAMES:
        if fragment := _item(file, at, end):
            found.append(fragment)
            at = fragment.span.start + fragment.span.length
        elif _is_delimiter(file, at):
            break
        else:
            later = bisect_right(places, at - first)
            at = first + places[later] if later < len(places) else end + 1
    return Walk(found, table, at <= end)


def _item(file: BinaryIO, at: int, end: int) -> Fragment | None:
    """The item at a place; None for anything else, and for one that reaches beyond the end."""
    file.seek(at)
    head = file.read(ITEM_BYTES + HEAD_BYTES)
    if len(head) < ITEM_BYTES or head[:4] != ITEM:
        return None
    (length,) = unpack("<L", head[4:ITEM_BYTES])
    span = Span(at + ITEM_BYTES, length)
    return Fragment(span, begins_codestream(head[ITEM_BYTES : ITEM_BYTES + length])) if span.start + length <= end else None


def _is_delimiter(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    return file.read(len(DELIMITER)) == DELIMITER


def frames_of(walked: Walk, stated: int | None, extended: Iterable[int] = ()) -> list[list[Span]]:
    """The spans of each frame, in order. `stated` is the number of frames, `extended` the extended table of offsets."""
    fragments = walked.fragments
    if len(fragments) != stated:
        fragments = [fragment for fragment in fragments if fragment.span.length]
    if not fragments:
        return []
    first = walked.fragments[0].span.start
    offsets = [fragment.span.start - first for fragment in fragments]
    tabled = _trusted(list(extended), offsets, stated) or _trusted(walked.table, offsets, stated)
    each_is_one = len(fragments) == stated
    starts = [
        number
        for number, (fragment, offset) in enumerate(zip(fragments, offsets, strict=True))
        if number == 0 or each_is_one or fragment.begins or offset in tabled
    ]
    return [[fragment.span for fragment in fragments[low:high]] for low, high in pairwise(chain(starts, [len(fragments)]))]


def _trusted(table: list[int], offsets: list[int], stated: int | None) -> set[int]:
    """The offsets of a table that has one for each frame, and each at a fragment of its own; none of any other."""
    chosen = set(table)
    return chosen if len(chosen) == len(table) == stated and chosen <= set(offsets) else set()
