"""Notices: events that everyone must know until a person marks them as seen, such as a restored database or a lost clip."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select

from edge.records.errors import RecordUnknown
from edge.records.ids import new_id
from edge.records.schema import NoticeRow
from edge.records.store import Store, Transaction

APPLIANCE = "appliance"
"""The actor in the audit trail where no person acts."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Notice:
    """`what` happened, and `fix`, the next step, in sentences; `code` is a slug for programs. Unseen while `seen_at` is None."""

    id: str
    code: str
    what: str
    fix: str
    at: datetime
    seen_at: datetime | None
    seen_by: str | None


def add_notice(change: Transaction, code: str, what: str, fix: str) -> None:
    """Adds a notice within a change, unless the same notice is there and unseen."""
    log.warning("notice", code=code, what=what, fix=fix)
    same = select(NoticeRow.id).where(NoticeRow.code == code, NoticeRow.what == what, NoticeRow.seen_at.is_(None))
    if change.session.scalar(same.limit(1)) is None:
        made = NoticeRow(id=new_id(), code=code, what=what, fix=fix, at=change.now)
        change.session.add(made)
        change.session.flush()
        change.log(APPLIANCE, "notice.made", f"notice/{made.id}", {"code": code, "what": what})


class Notices:
    """The notices of a store; any thread may use them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.waiting = 0
        """How many were unseen when this object last read them; shown without a read of the disk."""
        self.unseen()

    def add(self, code: str, what: str, fix: str) -> None:
        """Adds a notice, unless the same notice is there and unseen.

        Raises:
            RecordsFull: the disk refuses it.
        """
        if not any((each.code, each.what) == (code, what) for each in self.unseen()):
            with self._store.write() as change:
                add_notice(change, code, what, fix)
            self.waiting += 1

    def unseen(self) -> tuple[Notice, ...]:
        """The unseen notices, oldest first."""
        with self._store.read() as session:
            rows = session.scalars(select(NoticeRow).where(NoticeRow.seen_at.is_(None)).order_by(NoticeRow.id)).all()
        self.waiting = len(rows)
        return tuple(_notice(row) for row in rows)

    def seen(self, notice_id: str, by: str) -> Notice:
        """Marks a notice as seen; the first person who saw it stays recorded.

        Raises:
            RecordUnknown: there is no such notice.
            RecordsFull: the disk refuses it.
        """
        with self._store.read() as session:
            row = session.get(NoticeRow, notice_id)
        if row is None:
            raise RecordUnknown(f"there is no notice {notice_id}", "See the list of notices")
        if row.seen_at is None:
            with self._store.write() as change:
                row = change.session.get_one(NoticeRow, notice_id)
                row.seen_at, row.seen_by = change.now, by
                change.log(by, "notice.seen", f"notice/{notice_id}", {"code": row.code})
            self._count()
        return _notice(row)

    def _count(self) -> None:
        with self._store.read() as session:
            self.waiting = session.scalar(select(func.count()).select_from(NoticeRow).where(NoticeRow.seen_at.is_(None))) or 0


def _notice(row: NoticeRow) -> Notice:
    return Notice(row.id, row.code, row.what, row.fix, row.at, row.seen_at, row.seen_by)
