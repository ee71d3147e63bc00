"""Verification of the audit chain: a walk from the first entry to the signed tip, which names the first one that is not as it was written.

What the walk can know is what the digests, the signed tip and the signed heads say together. One look ahead tells an entry that was
written anew from its neighbour that was not: whoever agrees with the entry after it is the true one.
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
"""The one act after which time may have gone back."""
REPLACED = "records.replaced"
"""The act of records that were put back from a backup: heads signed before it may name entries that went with the other ones."""
REMARKABLE = {CORRECTED: "the clock was corrected", REPLACED: "the records were replaced by a backup, or begun anew"}

FIELDS = {"seq", "at", "actor", "act", "subject", "previous", "detail"}
TOLD_EVERY = 2000
"""Entries between two reports of progress."""


class Wrong(str, Enum):
    """What is wrong with an entry."""

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
    """`entry` is the number of the first entry that is not as it was written; `says` is a sentence without the final full stop."""

    entry: int
    wrong: Wrong
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entries` is how many are whole, up to the first fault; `remarks` are what a person should know although nothing is broken by it."""

    entries: int
    fault: Fault | None
    remarks: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return self.fault is None


class Row(NamedTuple):
    """One row as it is kept; `body` and `hash` are None where there is nothing, and any bytes where somebody was at it."""

    seq: int
    body: bytes | None
    hash: bytes | None


class Tip(NamedTuple):
    """What the appliance says of its newest entry; `at` is None where that is not said. `signed`: by the key that is expected."""

    seq: int
    hash: str
    at: datetime | None
    signed: bool


class Signed(NamedTuple):
    """An entry that was the newest one at the time `at`, as a head with a good signature says."""

    seq: int
    hash: str
    at: datetime


class _Said(NamedTuple):
    seq: int
    previous: str
    act: str
    at: datetime


class _Link(NamedTuple):
    """A row that was read: `hash` is its body's digest, `kept` whether the digest beside it is the same, `said` None for no entry."""

    row: int
    hash: str
    kept: bool
    said: _Said | None


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
        if count % TOLD_EVERY == 0:
            progress(count)
    return Verdict(walk.seq - after[0], walk.end(), tuple(walk.remarks))


def _link(row: Row) -> _Link:
    body = row.body or b""
    hash_ = digest_of_body(body)
    return _Link(row.seq, hash_, row.hash == hash_.encode(), _said(body))


def _said(body: bytes) -> _Said | None:
    try:
        said = parse_canonical(body)
        if not isinstance(said, dict) or set(said) != FIELDS:
            return None
        seq, at = said["seq"], datetime.fromisoformat(said["at"])
        previous, act = said["previous"], said["act"]
        known = at.tzinfo is not None and type(seq) is int and type(previous) is type(act) is str
        return _Said(seq, previous, act, at) if known else None
    except (TypeError, ValueError):
        return None


class _Walk:
    """Where the walk is: `seq` is the last entry that is whole, `hash` and `at` its digest and time, `before` the digest before that."""

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
        """Takes one entry, or says what is wrong."""
        if fault := self._number(here) or self._content(here) or self._place(here, following) or self._time(here) or self._beyond(here):
            return self._first(fault)
        assert here.said is not None
        if here.said.act == REPLACED:
            self._replaced_at = here.said.at
        if remark := REMARKABLE.get(here.said.act):
            self.remarks.append(f"entry {here.row}, {here.said.at:%Y-%m-%d %H:%M} UTC: {remark}")
        self._denied += [head for head in self._heads.get(here.row, ()) if head.hash != here.hash]
        self._before, self.seq, self.hash, self._at = self.hash, here.row, here.hash, here.said.at
        return None

    def _number(self, here: _Link) -> Fault | None:
        expected = self.seq + 1
        if here.row > expected:
            return Fault(expected, Wrong.MISSING, f"after entry {self.seq} comes entry {here.row}")
        if here.row < expected:
            return Fault(here.row, Wrong.INSERTED, f"no entry has the number {here.row}")
        return None

    def _content(self, here: _Link) -> Fault | None:
        if here.said is None:
            return Fault(here.row, Wrong.EDITED, "it does not read as an entry in canonical form")
        if not here.kept:
            return Fault(here.row, Wrong.EDITED, "it does not give the digest that is kept with it")
        return None

    def _place(self, here: _Link, following: _Link | None) -> Fault | None:
        """Whether it follows the entry before; where not, who of both is at fault."""
        said = here.said
        assert said is not None
        if (said.seq, said.previous) == (self.seq, self._before) and here.hash != self.hash and self._follows(here, following):
            return Fault(self.seq, Wrong.INSERTED, "the true one comes after it")
        if said.seq != here.row:
            return Fault(here.row, *_misplaced(here.row, said.seq, following.said.seq if following and following.said else None))
        if said.previous == self.hash:
            return None
        if self.seq > self._start and self._follows(here, following):
            return Fault(self.seq, Wrong.EDITED, f"entry {here.row} follows another one; it was written anew, digest and all")
        return Fault(here.row, Wrong.EDITED, f"it does not follow entry {self.seq}; it was written anew, digest and all")

    def _follows(self, here: _Link, following: _Link | None) -> bool:
        """Whether what comes after an entry agrees with it."""
        if following is None:
            return self._tip is not None and self._tip.signed and self._tip.hash == here.hash
        return following.said is not None and following.said.previous == here.hash

    def _time(self, here: _Link) -> Fault | None:
        said = here.said
        assert said is not None
        if self._at is None or said.at >= self._at or said.act == CORRECTED:
            return None
        return Fault(here.row, Wrong.TIME, f"it says {said.at.isoformat()}, earlier than the entry before, and no clock was corrected")

    def _first(self, fault: Fault | None) -> Fault | None:
        """The fault, or an earlier one: an entry that is not the one that was signed, and did not go when the records were replaced."""
        denied = [head for head in self._denied if not self._went(head)]
        if not denied:
            return fault
        head = denied[0]
        if fault and (fault.entry < head.seq or (fault.entry == head.seq and fault.wrong is not Wrong.TIP)):
            return fault
        return Fault(head.seq, Wrong.EDITED, f"it is not the entry that was signed at {head.at:%Y-%m-%d %H:%M} UTC")

    def _went(self, head: Signed) -> bool:
        return self._replaced_at is not None and head.at < self._replaced_at

    def _beyond(self, here: _Link) -> Fault | None:
        if self._tip is None or not self._tip.signed or here.row <= self._tip.seq:
            return None
        return Fault(here.row, Wrong.INSERTED, f"the newest entry that was signed is {self._tip.seq}")

    def end(self) -> Fault | None:
        """Whether the last entry is the newest one that was ever signed."""
        return self._first(self._cut_short() or self._behind() or self._unsigned())

    def _cut_short(self) -> Fault | None:
        if self._tip is None or not self._tip.signed or self._tip.seq <= self.seq:
            return None
        return Fault(self.seq + 1, Wrong.CUT_SHORT, f"the newest entry that was signed is {self._tip.seq}")

    def _behind(self) -> Fault | None:
        late = [head for seq, heads in self._heads.items() if seq > self.seq for head in heads if not self._went(head)]
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
            return Fault(self.seq, Wrong.TIP, "no signature of this appliance's key says that it is the newest entry")
        if tip.hash != self.hash:
            return Fault(self.seq, Wrong.EDITED, "it is not the newest entry that was signed; it was written anew, or one before it")
        if tip.at is not None and tip.at != self._at:
            return Fault(self.seq, Wrong.TIP, "the time that the records go by is not that of their newest entry")
        return None


def _misplaced(row: int, said: int, following: int | None) -> tuple[Wrong, str]:
    """What happened where the entry `said` stands in the place of the entry `row`, and `following` in the next place."""
    if following == row and said != row + 1:
        return Wrong.INSERTED, f"here stands a copy of entry {said}, and entry {row} comes after it"
    if said == row + 1 and following != row:
        return Wrong.MISSING, f"entry {said} stands in its place"
    return Wrong.SWAPPED, f"entry {said} stands in its place"


def describe(fault: Fault) -> str:
    """One sentence that names the entry."""
    return f"entry {fault.entry} is {fault.wrong.value}: {fault.says}"
