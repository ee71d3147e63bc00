"""Answers to requests with an idempotency key: the same request gets the same answer again, and nothing is done twice."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from edge.records.schema import AnswerRow
from edge.records.store import Store

BEGUN = 0
"""The status of a request without a recorded end, because power was cut before it."""
LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """See `AnswerRow`."""

    status: int
    body: str
    etag: str


class Answers:
    """Every public method is one transaction, without an audit entry: the trail already holds what was done."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, actor: str, key: str, request_digest: str) -> StoredAnswer | None:
        """The stored answer for this key of this actor; None where the key is new, and then it is stored.

        Raises:
            KeyError: the key was used for another request.
        """
        with self._store.read() as session:
            row = session.get(AnswerRow, (key, actor))
        if row is not None:
            return _answered(row, request_digest)
        with self._store.write() as change:
            if (row := change.session.get(AnswerRow, (key, actor))) is not None:  # begun since the check above
                change.unlogged()
                return _answered(row, request_digest)
            change.session.execute(delete(AnswerRow).where(AnswerRow.at < change.now - LIFETIME))
            row = AnswerRow(key=key, actor=actor, request_digest=request_digest, status=BEGUN, body="", etag="", at=change.now)
            change.session.add(row)
            change.unlogged()
        return None

    def give(self, actor: str, key: str, answer: StoredAnswer) -> None:
        """Stores the answer."""
        with self._store.write() as change:
            row = change.session.get_one(AnswerRow, (key, actor))
            row.status, row.body, row.etag = answer.status, answer.body, answer.etag
            change.unlogged()

    def forget(self, actor: str, key: str) -> None:
        """Removes a key for which nothing was done, so that the client may use it again."""
        with self._store.write() as change:
            change.session.execute(delete(AnswerRow).where(AnswerRow.key == key, AnswerRow.actor == actor))
            change.unlogged()


def _answered(row: AnswerRow, request_digest: str) -> StoredAnswer:
    if row.request_digest != request_digest:
        raise KeyError(row.key)
    return StoredAnswer(row.status, row.body, row.etag)
