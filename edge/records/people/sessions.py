"""Sessions: who is signed in, from where and since when. Only the digests of their tokens are stored."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from edge.records.ids import new_id
from edge.records.notices import add_notice
from edge.records.people.attempts import forgive
from edge.records.people.operators import StoredOperator, operator_of
from edge.records.rows import found, stored
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
        """The session of a token, ended or not, and its operator."""
        with self._store.read() as session:
            row = session.scalar(select(SessionRow).where(SessionRow.token_digest == digest(token)))
            if row is None:
                return None
            who = session.get(OperatorRow, row.operator_id) if row.operator_id else None
            return stored(StoredSession, row), operator_of(session, who) if who else None

    def addresses(self, operator_id: str) -> tuple[str, ...]:
        """Every address at which an operator ever signed in."""
        query = select(SessionRow.address).where(SessionRow.operator_id == operator_id).distinct()
        with self._store.read() as session:
            return tuple(session.scalars(query))

    def begin(self, token: str, operator: StoredOperator, address: str, place: str) -> StoredSession:
        """Begins a session after a right PIN; earlier failures at this place are cleared."""
        with self._store.write(passing=True) as change:
            forgive(change, operator.id, place)
            row = _begun(change, token, operator.id, "", address)
            change.log(operator.called, "session.begun", f"session/{row.id}", {"operator": operator.id, "address": address})
            return stored(StoredSession, row)

    def break_glass(self, token: str, reason: str, address: str, replaces: Callable[[str], bool]) -> StoredSession:
        """Begins a session for an emergency scan without a sign-in, and adds a notice; it `replaces` those of some addresses."""
        open_ = select(SessionRow).where(SessionRow.operator_id.is_(None), SessionRow.ended_at.is_(None))
        with self._store.write() as change:
            for earlier in filter(lambda row: replaces(row.address), change.session.scalars(open_).all()):
                earlier.ended_at = change.now
                change.log(BREAK_GLASS, "session.replaced", f"session/{earlier.id}")
            row = _begun(change, token, None, reason, address)
            change.log(BREAK_GLASS, "break-glass.begun", f"session/{row.id}", {"reason": reason, "address": address})
            what = f"An emergency scan began without a sign-in, from {address}: {reason} (session {row.id})"
            add_notice(change, BREAK_GLASS, what, "Find out who it was, and review what was scanned")
            return stored(StoredSession, row)

    def used(self, session_id: str) -> None:
        """Records that the session is still in use."""
        with self._store.write(passing=True) as change:
            found(change.session.get(SessionRow, session_id), "session", session_id).used_at = change.now
            change.unlogged()

    def pin_given(self, session_id: str, by: StoredOperator, place: str) -> None:
        """Records that the PIN was given again; earlier failures at this place are cleared."""
        with self._store.write(passing=True) as change:
            forgive(change, by.id, place)
            found(change.session.get(SessionRow, session_id), "session", session_id).pin_at = change.now
            change.log(by.called, "pin.given", f"session/{session_id}")

    def end(self, session_id: str, by: str, act: str = "session.ended", **detail: str) -> None:
        """Ends a session, once; `act` states why."""
        with self._store.write(passing=True) as change:
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
