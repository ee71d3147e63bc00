"""Verification of the audit chain: a walk from the first entry to the signed tip, which names the first entry that was changed.

The walk compares the digests, the signed tip and the signed heads. It reads one entry ahead to tell a rewritten entry from its unchanged
neighbour: the entry that agrees with the next one is the true one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import chain, pairwise
from typing import NamedTuple

from edge.records.audit.canonical import parse_canonical
from edge.records.audit.entry import BEGINNING, digest_of_body

CORRECTED = "clock.corrected"
"""The only act after which time may go back."""
REPLACED = "records.replaced"
"""The act of a backup that replaced the records: heads signed before it may name entries that were lost with the old records."""
REMARKABLE = {CORRECTED: "the clock was corrected", REPLACED: "the records were replaced by a backup, or by empty ones"}

FIELDS = {"seq", "at", "actor", "act", "subject", "previous", "detail"}
REPORT_EVERY = 2000
"""Entries between two reports of progress."""


class Wrong(str, Enum):
    """The fault of an entry."""

    EDITED = "edited"
    MISSING = "missing"
    SWAPPED = "swapped"
    INSERTED = "inserted"
    CUT_SHORT = "cut short"
    TIME = "time went back"
    TIP = "tip not signed"
    BEHIND = "older than a signed head"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """`entry` is the number of the first entry that is not as it was written; `says` is a sentence without its full stop."""

    entry: int
    wrong: Wrong
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entries` counts the whole entries up to the first fault; `remarks` are facts that a person should know and that are no fault."""

    entries: int
    fault: Fault | None
    remarks: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return self.fault is None


class Row(NamedTuple):
    """One row as stored; `body` and `hash` are None where the column is empty, and may be any bytes where a person changed them."""

    seq: int
    body: bytes | None
    hash: bytes | None


class Tip(NamedTuple):
    """The newest entry, as the appliance recorded it; `at` is None where it is not stated. `signed`: by the expected key."""

    seq: int
    hash: str
    at: datetime | None
    signed: bool


class Signed(NamedTuple):
    """An entry that was the newest at the time `at`, as a head with a good signature states."""

    seq: int
    hash: str
    at: datetime


class _Stated(NamedTuple):
    seq: int
    previous: str
    act: str
    at: datetime


class _Link(NamedTuple):
    """A row that was read: `hash` is the digest of its body, `fits` whether the stored digest is the same, `stated` None for no entry."""

    row: int
    hash: str
    fits: bool
    stated: _Stated | None


def verify(
    rows: Iterable[Row],
    tip: Tip | None,
    heads: Iterable[Signed] = (),
    *,
    after: tuple[int, str] = (0, BEGINNING),
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Walks over the rows in the order of their numbers, in one pass; `after` is the entry before the first one and its digest."""
    walk = _Walk(tip, heads, after)
    links = map(_link, rows)
    last: tuple[_Link | None, ...] = (None,)
    for count, (here, following) in enumerate(pairwise(chain(links, last)), 1):
        assert here is not None
        if fault := walk.step(here, following):
            return Verdict(walk.seq - after[0], fault)
        if count % REPORT_EVERY == 0:
            progress(count)
    return Verdict(walk.seq - after[0], walk.end(), tuple(walk.remarks))


def _link(row: Row) -> _Link:
    body = row.body or b""
    hash_ = digest_of_body(body)
    return _Link(row.seq, hash_, row.hash == hash_.encode(), _stated(body))


def _stated(body: bytes) -> _Stated | None:
    try:
        fields = parse_canonical(body)
        if not isinstance(fields, dict) or set(fields) != FIELDS:
            return None
        seq, at = fields["seq"], datetime.fromisoformat(fields["at"])
        previous, act = fields["previous"], fields["act"]
        known = at.tzinfo is not None and type(seq) is int and type(previous) is type(act) is str
        return _Stated(seq, previous, act, at) if known else None
    except (TypeError, ValueError):
        return None


class _Walk:
    """The position of the walk: `seq` is the last whole entry, `hash` and `at` its digest and time, `before` the digest before that."""

    def __init__(self, tip: Tip | None, heads: Iterable[Signed], after: tuple[int, str]) -> None:
        self._start, self.hash = after
        self.seq = self._start
        self._before: str | None = None
        self._at: datetime | None = None
        self._replaced_at: datetime | None = None
        self._denied: list[Signed] = []
        self._tip = tip
        self._heads: dict[int, list[Signed]] = {}
        for head in heads:
            self._heads.setdefault(head.seq, []).append(head)
        self.remarks: list[str] = []

    def step(self, here: _Link, following: _Link | None) -> Fault | None:
        """Takes one entry, or returns its fault."""
        if fault := self._number(here) or self._content(here) or self._place(here, following) or self._time(here) or self._beyond(here):
            return self._first(fault)
        assert here.stated is not None
        if here.stated.act == REPLACED:
            self._replaced_at = here.stated.at
        if remark := REMARKABLE.get(here.stated.act):
            self.remarks.append(f"entry {here.row}, {here.stated.at:%Y-%m-%d %H:%M} UTC: {remark}")
        self._denied += [head for head in self._heads.get(here.row, ()) if head.hash != here.hash]
        self._before, self.seq, self.hash, self._at = self.hash, here.row, here.hash, here.stated.at
        return None

    def _number(self, here: _Link) -> Fault | None:
        expected = self.seq + 1
        if here.row > expected:
            return Fault(expected, Wrong.MISSING, f"after entry {self.seq} comes entry {here.row}")
        if here.row < expected:
            return Fault(here.row, Wrong.INSERTED, f"the number {here.row} is not valid here")
        return None

    def _content(self, here: _Link) -> Fault | None:
        if here.stated is None:
            return Fault(here.row, Wrong.EDITED, "it is not an entry in canonical form")
        if not here.fits:
            return Fault(here.row, Wrong.EDITED, "its digest is not the one stored with it")
        return None

    def _place(self, here: _Link, following: _Link | None) -> Fault | None:
        """Whether it follows the entry before; if not, which of the two is at fault."""
        stated = here.stated
        assert stated is not None
        if (stated.seq, stated.previous) == (self.seq, self._before) and here.hash != self.hash and self._follows(here, following):
            return Fault(self.seq, Wrong.INSERTED, "the true entry comes after it")
        if stated.seq != here.row:
            return Fault(here.row, *_misplaced(here.row, stated.seq, following.stated.seq if following and following.stated else None))
        if stated.previous == self.hash:
            return None
        if self.seq > self._start and self._follows(here, following):
            return Fault(self.seq, Wrong.EDITED, f"entry {here.row} follows a different entry; this one was rewritten with its digest")
        return Fault(here.row, Wrong.EDITED, f"it does not follow entry {self.seq}; it was rewritten with its digest")

    def _follows(self, here: _Link, following: _Link | None) -> bool:
        """Whether the next entry, or the signed tip after the last one, agrees with an entry."""
        if following is None:
            return self._tip is not None and self._tip.signed and self._tip.hash == here.hash
        return following.stated is not None and following.stated.previous == here.hash

    def _time(self, here: _Link) -> Fault | None:
        stated = here.stated
        assert stated is not None
        if self._at is None or stated.at >= self._at or stated.act == CORRECTED:
            return None
        return Fault(
            here.row, Wrong.TIME, f"its time is {stated.at.isoformat()}, before that of the entry before it, and no clock was corrected"
        )

    def _first(self, fault: Fault | None) -> Fault | None:
        """The fault, or an earlier one: an entry that differs from the signed one, which was not lost when the records were replaced."""
        denied = [head for head in self._denied if not self._was_replaced(head)]
        if not denied:
            return fault
        head = denied[0]
        if fault and (fault.entry < head.seq or (fault.entry == head.seq and fault.wrong is not Wrong.TIP)):
            return fault
        return Fault(head.seq, Wrong.EDITED, f"it is not the entry that was signed at {head.at:%Y-%m-%d %H:%M} UTC")

    def _was_replaced(self, head: Signed) -> bool:
        return self._replaced_at is not None and head.at < self._replaced_at

    def _beyond(self, here: _Link) -> Fault | None:
        if self._tip is None or not self._tip.signed or here.row <= self._tip.seq:
            return None
        return Fault(here.row, Wrong.INSERTED, f"the newest signed entry is {self._tip.seq}")

    def end(self) -> Fault | None:
        """The fault at the end, where the last entry is not the newest signed one."""
        return self._first(self._cut_short() or self._behind() or self._unsigned())

    def _cut_short(self) -> Fault | None:
        if self._tip is None or not self._tip.signed or self._tip.seq <= self.seq:
            return None
        return Fault(self.seq + 1, Wrong.CUT_SHORT, f"the newest signed entry is {self._tip.seq}")

    def _behind(self) -> Fault | None:
        late = [head for seq, heads in self._heads.items() if seq > self.seq for head in heads if not self._was_replaced(head)]
        if not late:
            return None
        newest = max(late, key=lambda head: head.seq)
        says = f"the records end with entry {self.seq}, but entry {newest.seq} was signed at {newest.at:%Y-%m-%d %H:%M} UTC"
        return Fault(self.seq + 1, Wrong.BEHIND, says)

    def _unsigned(self) -> Fault | None:
        tip = self._tip
        if tip is None and self.seq == self._start:
            return None
        if tip is None or not tip.signed:
            return Fault(self.seq, Wrong.TIP, "this appliance's key did not sign it as the newest entry")
        if tip.hash != self.hash:
            return Fault(self.seq, Wrong.EDITED, "it is not the newest signed entry; it, or an entry before it, was rewritten")
        if tip.at is not None and tip.at != self._at:
            return Fault(self.seq, Wrong.TIP, "the time stored for the newest entry is not the time in that entry")
        return None


def _misplaced(row: int, stated: int, following: int | None) -> tuple[Wrong, str]:
    """What happened where the entry `stated` is in the place of the entry `row`, and `following` in the next place."""
    if following == row and stated != row + 1:
        return Wrong.INSERTED, f"a copy of entry {stated} is in its place, and entry {row} comes after it"
    if stated == row + 1 and following != row:
        return Wrong.MISSING, f"entry {stated} is in its place"
    return Wrong.SWAPPED, f"entry {stated} is in its place"


def describe(fault: Fault) -> str:
    """One sentence that names the entry."""
    return f"entry {fault.entry} is {fault.wrong.value}: {fault.says}"
