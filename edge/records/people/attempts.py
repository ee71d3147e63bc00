"""Attempts to sign in: failures are counted by operator and place, so that neither a restart nor a clock helps a person who guesses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from edge.records.audit.entry import Detail
from edge.records.failure_row import FailureRow
from edge.records.people.operators import StoredOperator, operator_of, row_of
from edge.records.schema import OperatorRow
from edge.records.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class StoredFailures:
    """The wrong PINs of one operator in a row from one place, and the recent ones from all other places."""

    count: int
    wait_until: datetime | None
    locked: bool
    elsewhere: int


class Attempts:
    """Every public method is one transaction. `place` is the one of `edge.people.place` for an address."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, operator_id: str, place: str, since: timedelta) -> StoredFailures:
        """What was tried; the failures at other places count where the last one there was less than `since` ago."""
        others = select(func.sum(FailureRow.count)).where(
            FailureRow.operator_id == operator_id, FailureRow.place != place, FailureRow.at > self._store.now() - since
        )
        with self._store.read() as session:
            row = session.get(FailureRow, (operator_id, place))
            elsewhere = session.scalar(others) or 0
        if row is None:
            return StoredFailures(0, None, False, elsewhere)
        return StoredFailures(row.count, row.wait_until, row.locked_at is not None, elsewhere)

    def failed(self, operator_id: str, place: str, address: str, wait: Callable[[int], timedelta | None]) -> None:
        """Counts one more wrong PIN; `wait` gives the waiting time after this many failures, or None to lock."""
        with self._store.write(passing=True) as change:
            row = change.session.get(FailureRow, (operator_id, place))
            if row is None:
                row = FailureRow(operator_id=operator_id, place=place, count=0)
                change.session.add(row)
            row.count, row.at = row.count + 1, change.now
            delay = wait(row.count)
            row.wait_until = change.now + delay if delay else None
            if delay is None:
                row.locked_at = row.locked_at or change.now
            _sum_up(change, operator_id)
            detail: Detail = {"failures": row.count, "locked": delay is None, "address": address}
            change.log("nobody", "sign-in.failed", f"operator/{operator_id}", detail)

    def at_the_board(self, operator: StoredOperator, place: str) -> None:
        """Records a right PIN in the board's own shell, for one command; earlier failures there are cleared."""
        with self._store.write() as change:
            forgive(change, operator.id, place)
            change.log(operator.called, "sign-in.at-the-board", f"operator/{operator.id}")

    def failed_unknown(self, address: str, attempts: int) -> None:
        """Records attempts with unknown names. The names are not stored: they may be PINs in the wrong field."""
        with self._store.write(passing=True) as change:
            change.log("nobody", "sign-in.failed", "operator/unknown", {"address": address, "attempts": attempts})

    def wrong_code(self, address: str, failures: int) -> None:
        """Records a claim with a wrong one-time code: it is the number `failures` from this place."""
        with self._store.write(passing=True) as change:
            change.log("nobody", "claim.refused", "operator/unknown", {"address": address, "failures": failures})

    def unlock(self, by: str, operator_id: str) -> StoredOperator:
        """Clears the failures at every place.

        Raises:
            RecordUnknown: there is no such operator.
        """
        with self._store.write() as change:
            row = row_of(change, operator_id)
            forgive(change, operator_id)
            row.version += 1
            change.log(by, "operator.unlocked", f"operator/{operator_id}", {"version": row.version})
            return operator_of(change.session, row)


def forgive(change: Transaction, operator_id: str, place: str | None = None) -> None:
    """Clears an operator's failed sign-ins at one place, or at every place, within a change."""
    mine = delete(FailureRow).where(FailureRow.operator_id == operator_id)
    change.session.execute(mine if place is None else mine.where(FailureRow.place == place))
    _sum_up(change, operator_id)


def _sum_up(change: Transaction, operator_id: str) -> None:
    """The operator's own row shows the failures of all places, to people and to older programs."""
    change.session.flush()
    rows = change.session.scalars(select(FailureRow).where(FailureRow.operator_id == operator_id)).all()
    operator: OperatorRow = row_of(change, operator_id)
    operator.failures = sum(row.count for row in rows)
    operator.wait_until = max((row.wait_until for row in rows if row.wait_until), default=None)
    operator.locked_at = min((row.locked_at for row in rows if row.locked_at), default=None)
