"""The events of the drift watch as recorded: added once, and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Value
from edge.records.columns import Json
from edge.records.drift.row import DriftRow
from edge.records.errors import RecordStale
from edge.records.ids import new_id
from edge.records.notices import APPLIANCE, add_notice
from edge.records.rows import stored
from edge.records.store import Store

STOPPED, NEW_REFERENCE, WATCH_AGAIN = "stopped", "new-reference", "watch-again"
Decision = Literal["new-reference", "watch-again"]


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict of a watch that an event is about; see `DriftRow`."""

    release: str
    exam_id: str
    since_exam_id: str
    verdict: Json


@dataclass(frozen=True, slots=True)
class DriftEvent:
    """See `DriftRow`."""

    id: str
    release: str
    act: str
    exam_id: str
    since_exam_id: str
    verdict: Json
    reason: str
    at: datetime
    by: str


class DriftEvents:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, release: str) -> tuple[DriftEvent, ...]:
        """The events of a release, the first one first."""
        with self._store.read() as session:
            rows = session.scalars(select(DriftRow).where(DriftRow.release == release).order_by(DriftRow.id))
            return tuple(stored(DriftEvent, row) for row in rows)

    def stopped(self) -> frozenset[str]:
        """The releases that were stopped, and of which nobody has decided since."""
        newest = select(func.max(DriftRow.id)).group_by(DriftRow.release)
        with self._store.read() as session:
            return frozenset(session.scalars(select(DriftRow.release).where(DriftRow.id.in_(newest), DriftRow.act == STOPPED)))

    def stop(self, found: Found, what: str, fix: str) -> None:
        """Records once that the watch of a release has stopped, with a notice for everybody."""
        with self._store.write() as change:
            if _newest_act(change.session, found.release) == STOPPED:
                change.unlogged()
                return
            row = _row(found, STOPPED, "", change.now, APPLIANCE)
            change.session.add(row)
            change.session.flush()
            add_notice(change, "drift-stop", what, fix)
            change.log(APPLIANCE, "drift.stopped", f"drift/{row.id}", {"release": found.release, "exam": found.exam_id})

    def decide(self, actor: str, found: Found, decision: Decision, reason: str, seen: str | None) -> DriftEvent:
        """Records a decision about a verdict; `seen` is the id of the newest event that the person saw, None where there was none.

        Raises:
            RecordStale: something was recorded of the watch in the meantime.
        """
        with self._store.write() as change:
            newest = change.session.scalar(select(func.max(DriftRow.id)).where(DriftRow.release == found.release))
            if newest != seen:
                raise RecordStale("The verdict on the model has changed in the meantime", "Read it again, then decide")
            row = _row(found, decision, reason, change.now, actor)
            change.session.add(row)
            change.session.flush()
            detail: dict[str, Value] = {"release": found.release, "decision": decision, "exam": found.exam_id}
            change.log(actor, "drift.decided", f"drift/{row.id}", detail)
            return stored(DriftEvent, row)


def _row(found: Found, act: str, reason: str, at: datetime, by: str) -> DriftRow:
    return DriftRow(
        id=new_id(),
        release=found.release,
        act=act,
        exam_id=found.exam_id,
        since_exam_id=found.since_exam_id,
        verdict=found.verdict,
        reason=reason,
        at=at,
        by=by,
    )


def _newest_act(session: Session, release: str) -> str | None:
    return session.scalar(select(DriftRow.act).where(DriftRow.release == release).order_by(DriftRow.id.desc()).limit(1))
