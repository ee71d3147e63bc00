"""Reviews by readers who are not here: added as they came, under a person who cannot sign in. Nothing that is recorded is replaced."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from edge.records.audit.entry import Value
from edge.records.errors import RecordStale
from edge.records.exams.reviews import SavedReview, StoredReview, reviews_of, standing
from edge.records.ids import new_id
from edge.records.people.operators import called
from edge.records.rows import found
from edge.records.schema import ExamRow, OperatorRow, ReviewRow
from edge.records.store import Store, Transaction

NO_PIN = ""
"""No PIN fits it."""


@dataclass(frozen=True, slots=True)
class NewRemoteReview:
    """A review with the id that it got where it was made.

    `badge` is one for each reader of each receiver; `origin` goes to the audit trail.
    """

    id: str
    exam_id: str
    kind: str
    reader: str
    badge: str
    answer: SavedReview
    origin: Mapping[str, Value]


class RemoteReviews:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, actor: str, new: NewRemoteReview) -> bool:
        """Adds a review, which replaces an earlier one of the same reader; both stay recorded. False: it is recorded already.

        Raises:
            RecordUnknown: there is no such exam.
            RecordStale: another review is recorded under its id.
        """
        with self._store.write() as change:
            if (row := change.session.get(ReviewRow, new.id)) is not None:
                change.unlogged()
                _require_same(row, new)
                return False
            found(change.session.get(ExamRow, new.exam_id), "exam", new.exam_id)
            reader = _reader(change, actor, new)
            mine = [each for each in standing(reviews_of(change.session, new.exam_id)) if each.reviewer_id == reader]
            change.session.add(_row(change, new, reader, mine[-1] if mine else None))
            change.session.flush()
            codes: list[Value] = [*new.answer.discordant]
            detail: dict[str, Value] = {"exam": new.exam_id, "kind": new.kind, "reader": new.reader, "discordant": codes, **new.origin}
            change.log(actor, "review.received", f"review/{new.id}", detail)
            return True


def _row(change: Transaction, new: NewRemoteReview, reader: str, before: StoredReview | None) -> ReviewRow:
    """Not blind: who opens an exam from a stick can see what the model states."""
    return ReviewRow(
        id=new.id,
        exam_id=new.exam_id,
        kind=new.kind,
        blind=False,
        reviewer_id=reader,
        begun_at=change.now,
        saved_at=change.now,
        zones=dict(new.answer.zones),
        quality=dict(new.answer.quality),
        comment=new.answer.comment,
        discordant=list(new.answer.discordant),
        supersedes=before.id if before else None,
    )


def _require_same(row: ReviewRow, new: NewRemoteReview) -> None:
    recorded = (row.exam_id, row.zones, row.quality, row.comment)
    if recorded != (new.exam_id, dict(new.answer.zones), dict(new.answer.quality), new.answer.comment):
        raise RecordStale(f"Another review is recorded under the id {new.id}", "Have the receiver sign the review again")


def _reader(change: Transaction, actor: str, new: NewRemoteReview) -> str:
    """The id of the reader among the operators, as a retired one, who cannot sign in and holds no role."""
    row = change.session.scalar(select(OperatorRow).where(OperatorRow.badge == new.badge))
    if row is None:
        row = OperatorRow(id=new_id(), badge=new.badge, name=new.reader, pin_hash=NO_PIN, created_at=change.now, retired_at=change.now)
        change.session.add(row)
        change.session.flush()
        change.log(actor, "operator.added", f"operator/{row.id}", {"badge": row.badge, "name": called(row.name, row.badge)})
    return row.id
