"""Sessions: who is signed in, from where and since when. Only digests of their tokens are kept."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from edge.records.ids import new_id
from edge.records.notices import tell
from edge.records.people.attempts import forgive
from edge.records.people.operators import StoredOperator, operator_of
from edge.records.rows import found, kept
from edge.records.schema import OperatorRow, SessionRow
from edge.records.store import Store, Transaction

BREAK_GLASS = "break-glass"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as recorded; see `SessionRow`."""

    id: str
    token_digest: str = field(repr=False)
    operator_id: str | None
    reason: str
    address: str
    begun_at: datetime
    used_at: datetime
    pin_at: datetime | None
    ended_at: datetime | None


class Sessions:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, token: str) -> tuple[StoredSession, StoredOperator | None] | None:
        """The session of a token, ended or not, and whose it is."""
        with self._store.read() as session:
            row = session.scalar(select(SessionRow).where(SessionRow.token_digest == digest(token)))
            if row is None:
                return None
            who = session.get(OperatorRow, row.operator_id) if row.operator_id else None
            return kept(StoredSession, row), operator_of(session, who) if who else None

    def begin(self, token: str, operator: StoredOperator, address: str) -> StoredSession:
        """Somebody gave the right PIN: their failures are forgotten."""
        with self._store.write() as change:
            forgive(found(change.session.get(OperatorRow, operator.id), "operator", operator.id))
            row = _begun(change, token, operator.id, "", address)
            change.log(operator.called, "session.begun", f"session/{row.id}", {"operator": operator.id, "address": address})
            return kept(StoredSession, row)

    def break_glass(self, token: str, reason: str, address: str) -> StoredSession:
        """Somebody scans in an emergency without having signed in; everybody is told."""
        with self._store.write() as change:
            row = _begun(change, token, None, reason, address)
            change.log(BREAK_GLASS, "break-glass.begun", f"session/{row.id}", {"reason": reason, "address": address})
            what = f"Somebody scans in an emergency without having signed in, from {address}: {reason} (session {row.id})"
            tell(change, BREAK_GLASS, what, "Find out who it was, and review what was scanned")
            return kept(StoredSession, row)

    def used(self, session_id: str) -> None:
        """Somebody still works with it."""
        with self._store.write() as change:
            found(change.session.get(SessionRow, session_id), "session", session_id).used_at = change.now
            change.unlogged()

    def pin_given(self, session_id: str, by: StoredOperator) -> None:
        """The PIN was given again: failures are forgotten."""
        with self._store.write() as change:
            forgive(found(change.session.get(OperatorRow, by.id), "operator", by.id))
            found(change.session.get(SessionRow, session_id), "session", session_id).pin_at = change.now
            change.log(by.called, "pin.given", f"session/{session_id}")

    def end(self, session_id: str, by: str, act: str = "session.ended", **detail: str) -> None:
        """Ends a session, once; `act` says why."""
        with self._store.write() as change:
            row = found(change.session.get(SessionRow, session_id), "session", session_id)
            if row.ended_at is not None:
                change.unlogged()
                return
            row.ended_at = change.now
            change.log(by, act, f"session/{session_id}", detail)


def digest(token: str) -> str:
    """SHA-256: tokens are random and long, so that nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _begun(change: Transaction, token: str, operator_id: str | None, reason: str, address: str) -> SessionRow:
    row = SessionRow(
        id=new_id(),
        token_digest=digest(token),
        operator_id=operator_id,
        reason=reason,
        address=address,
        begun_at=change.now,
        used_at=change.now,
        pin_at=change.now if operator_id else None,
    )
    change.session.add(row)
    change.session.flush()
    return row
