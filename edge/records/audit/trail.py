"""The audit trail of the store: its entries, newest first, and the verification of all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, LargeBinary, cast, or_, select, text
from sqlalchemy.orm import Session

from edge.records.audit.chain import Fault, Row, Tip, Verdict, Wrong, verify
from edge.records.audit.entry import Entry
from edge.records.audit.heads import Heads
from edge.records.errors import RecordsUnusable
from edge.records.ids import PART, fits
from edge.records.schema import AuditRow, AuditTipRow
from edge.records.store import TIP, Store, sealed

Progress = Callable[[int, int], None]
"""Receives how many entries are done, and of how many."""

PIECE = 1000
LOWEST = -(2**63)
"""The lowest number that SQLite gives a row."""
ROWS = text("SELECT seq, CAST(body AS BLOB), CAST(hash AS BLOB) FROM audit WHERE seq >= :first ORDER BY seq")
"""As they are in the file: a body is read whatever a person made of it."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry as stored; `entry` is None where its body is not an entry."""

    seq: int
    hash: str
    entry: Entry | None


class AuditTrail:
    """Of one store; any thread may use it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads = Heads(store.path.parent)

    def newest(
        self, limit: int, before: int | None = None, *, actor: str | None = None, act: str | None = None, subject: str | None = None
    ) -> tuple[StoredEntry, ...]:
        """At most `limit` entries, the newest first, older than entry `before`, with these values where they are given.

        Of the id in `subject`, such as exam/ID, the beginning or the end is enough.

        Raises:
            RecordsFull, RecordsUnusable: they cannot be read.
        """
        wanted = {AuditRow.actor: actor, AuditRow.act: act}
        query = select(AuditRow.seq, cast(AuditRow.body, LargeBinary), cast(AuditRow.hash, LargeBinary))
        query = query.order_by(AuditRow.seq.desc()).limit(limit)
        query = query.where(*(column == word for column, word in wanted.items() if word is not None))
        if subject is not None:
            query = query.where(_is_of(subject))
        if before is not None:
            query = query.where(AuditRow.seq < before)
        with self._store.read() as session:
            return tuple(StoredEntry(seq, hash_.decode(errors="replace"), _entry(body)) for seq, body, hash_ in session.execute(query))

    def verify(self, progress: Progress = lambda _, __: None) -> Verdict:
        """Walks over the whole chain as it is now, with its signed tip and all signed heads.

        Raises:
            RecordsFull: the disk cannot read it.
        """
        heads = self._heads.stored(self._store.seal)  # before the snapshot: none is newer than that
        reached = 0

        def reach(done: int) -> None:
            nonlocal reached
            reached = done
            progress(done, of)

        try:
            with self._store.read() as session:
                tip = read_tip(self._store, session)
                of = tip.seq if tip else 0
                verdict = verify(rows(session), tip, (head.signed for head in heads.heads), progress=reach)
        except RecordsUnusable as error:
            return Verdict(reached, Fault(reached + 1, Wrong.UNREADABLE, f"from here on the file is damaged; {error.what}"))
        refused = (f"{heads.refused} lines of the signed heads are not signed by this appliance's key",) if heads.refused else ()
        return Verdict(verdict.entries, verdict.fault, verdict.remarks + refused)


def rows(session: Session, first: int = LOWEST) -> Iterator[Row]:
    """Every row from the number `first` on, in the order of their numbers; also rows with numbers that no entry should have."""
    yield from map(Row._make, session.execute(ROWS, {"first": first}).yield_per(PIECE))


def read_tip(store: Store, session: Session) -> Tip | None:
    """The newest entry as the records state it; None where they state none."""
    row = session.get(AuditTipRow, TIP)
    return Tip(row.seq, row.hash, row.at, store.seal.holds(sealed(row.seq, row.hash), row.signature)) if row else None


def _is_of(subject: str) -> ColumnElement[bool]:
    kind, _, part = subject.partition("/")
    exact = AuditRow.subject == subject
    return or_(exact, fits(AuditRow.subject, part, f"{kind}/")) if PART.fullmatch(part) else exact


def _entry(body: bytes) -> Entry | None:
    try:
        return Entry.of(body.decode())
    except (ValueError, RecursionError):
        return None
