"""Attempts to sign in: what failed is counted with the operator, so that neither a restart nor a clock helps who guesses."""

from collections.abc import Callable
from datetime import timedelta

from edge.records.audit.entry import Detail
from edge.records.people.operators import StoredOperator, operator_of, row_of
from edge.records.schema import OperatorRow
from edge.records.store import Store


class Attempts:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def failed(self, operator_id: str, address: str, wait: Callable[[int], timedelta | None]) -> StoredOperator:
        """One more wrong PIN; `wait` says how long after so many failures, or None to lock."""
        with self._store.write() as change:
            row = row_of(change, operator_id)
            row.failures += 1
            told = wait(row.failures)
            row.wait_until = change.now + told if told else None
            if told is None:
                row.locked_at = row.locked_at or change.now
            detail: Detail = {"failures": row.failures, "locked": told is None, "address": address}
            change.log("nobody", "sign-in.failed", f"operator/{operator_id}", detail)
            return operator_of(change.session, row)

    def at_the_board(self, operator: StoredOperator) -> None:
        """Somebody gave the right PIN to the board's own shell, for one command: their failures are forgotten."""
        with self._store.write() as change:
            forgive(row_of(change, operator.id))
            change.log(operator.called, "sign-in.at-the-board", f"operator/{operator.id}")

    def failed_unknown(self, address: str) -> None:
        """Somebody tried a name that nobody has. It is not kept: it may be a PIN in the wrong field."""
        with self._store.write() as change:
            change.log("nobody", "sign-in.failed", "operator/unknown", {"address": address})

    def unlock(self, by: str, operator_id: str) -> StoredOperator:
        """Forgets the failures.

        Raises:
            RecordUnknown: there is no such operator.
        """
        with self._store.write() as change:
            row = row_of(change, operator_id)
            forgive(row)
            row.version += 1
            change.log(by, "operator.unlocked", f"operator/{operator_id}", {"version": row.version})
            return operator_of(change.session, row)


def forgive(row: OperatorRow) -> None:
    """Forgets an operator's failed sign-ins, within a change."""
    row.failures, row.wait_until, row.locked_at = 0, None, None
