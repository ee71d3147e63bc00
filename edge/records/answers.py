"""Answers that were given to requests with an idempotency key: asked again, they are given again and nothing is done twice."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from edge.records.schema import AnswerRow
from edge.records.store import Store

BEGUN = 0
"""The status of a request whose end was never written: power was cut in between."""
KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """See `AnswerRow`."""

    status: int
    body: str
    etag: str


class Answers:
    """Every public method is one transaction. None is an act: what was done is in the audit trail already."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, actor: str, key: str, request_digest: str) -> StoredAnswer | None:
        """What was answered to this key of this actor; None where it is new, and from now on is not.

        Raises:
            KeyError: the key was given with another request.
        """
        with self._store.read() as session:
            row = session.get(AnswerRow, (key, actor))
        if row is not None:
            return _answered(row, request_digest)
        with self._store.write() as change:
            if (row := change.session.get(AnswerRow, (key, actor))) is not None:  # begun since the look above
                change.unlogged()
                return _answered(row, request_digest)
            change.session.execute(delete(AnswerRow).where(AnswerRow.at < change.now - KEEP))
            row = AnswerRow(key=key, actor=actor, request_digest=request_digest, status=BEGUN, body="", etag="", at=change.now)
            change.session.add(row)
            change.unlogged()
        return None

    def give(self, actor: str, key: str, answer: StoredAnswer) -> None:
        """Keeps what was answered."""
        with self._store.write() as change:
            row = change.session.get_one(AnswerRow, (key, actor))
            row.status, row.body, row.etag = answer.status, answer.body, answer.etag
            change.unlogged()

    def forget(self, actor: str, key: str) -> None:
        """Nothing was done: the same key may be tried again."""
        with self._store.write() as change:
            change.session.execute(delete(AnswerRow).where(AnswerRow.key == key, AnswerRow.actor == actor))
            change.unlogged()


def _answered(row: AnswerRow, request_digest: str) -> StoredAnswer:
    if row.request_digest != request_digest:
        raise KeyError(row.key)
    return StoredAnswer(row.status, row.body, row.etag)
