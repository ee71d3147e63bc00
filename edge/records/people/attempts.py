"""Attempts to sign in: failures are counted with the operator, so that neither a restart nor a clock helps a person who guesses."""

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
        """Counts one more wrong PIN; `wait` gives the waiting time after this many failures, or None to lock."""
        with self._store.write() as change:
            row = row_of(change, operator_id)
            row.failures += 1
            delay = wait(row.failures)
            row.wait_until = change.now + delay if delay else None
            if delay is None:
                row.locked_at = row.locked_at or change.now
            detail: Detail = {"failures": row.failures, "locked": delay is None, "address": address}
            change.log("nobody", "sign-in.failed", f"operator/{operator_id}", detail)
            return operator_of(change.session, row)

    def at_the_board(self, operator: StoredOperator) -> None:
        """Records a right PIN in the board's own shell, for one command; earlier failures are cleared."""
        with self._store.write() as change:
            forgive(row_of(change, operator.id))
            change.log(operator.called, "sign-in.at-the-board", f"operator/{operator.id}")

    def failed_unknown(self, address: str, attempts: int) -> None:
        """Records attempts with unknown names. The names are not stored: they may be PINs in the wrong field."""
        with self._store.write() as change:
            change.log("nobody", "sign-in.failed", "operator/unknown", {"address": address, "attempts": attempts})

    def unlock(self, by: str, operator_id: str) -> StoredOperator:
        """Clears the failures.

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
    """Clears an operator's failed sign-ins, within a change."""
    row.failures, row.wait_until, row.locked_at = 0, None, None
