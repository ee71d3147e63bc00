"""Updates, trials and rollbacks in the audit trail: each event of the history of the slots, once."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from edge.records.audit.entry import Value
from edge.records.schema import AuditRow
from edge.records.store import Store

ACT = "slot.event"
SUBJECT = "board/slots"


class SlotEvents:
    """Those of a store; any thread may use it, and each method waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, by: str, events: Sequence[Mapping[str, Value]]) -> int:
        """Adds the events that the trail does not have yet, all or none; returns their number. `number` and `at` identify an event.

        Raises:
            RecordsFull, RecordsUnusable: the disk refuses it.
        """
        with self._store.read() as session:
            known = {_key(json.loads(body)["detail"]) for body in session.scalars(select(AuditRow.body).where(AuditRow.act == ACT))}
        new = [event for event in events if _key(event) not in known]
        if new:
            with self._store.write() as change:
                for event in new:
                    change.log(by, ACT, SUBJECT, dict(event))
        return len(new)


def _key(event: Mapping[str, Value]) -> tuple[Value, Value]:
    return event.get("number"), event.get("at")
