"""The entries of the ledger of model changes, as stored: added in one transaction with their audit entry, and never changed.

The audit entry holds the digest of the whole entry, so that the signed audit chain covers it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.records.audit.entry import Detail, Entry
from edge.records.errors import RecordStale
from edge.records.ids import new_id
from edge.records.model_change_row import ModelChangeRow
from edge.records.schema import AuditRow
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class NewModelChange:
    """An entry to add, of the release with this manifest; `body` is JSON, `act` the act in the audit trail."""

    release: str
    release_sha256: str
    body: str
    act: str


@dataclass(frozen=True, slots=True)
class StoredModelChange:
    """An entry as stored. `whole` is false where it is not what the audit trail states of it."""

    id: str
    release: str
    release_sha256: str
    body: str
    at: datetime
    by: str
    supersedes: str | None
    whole: bool


class ModelChanges:
    """Those of a store; any thread may use them, and each method waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, release: str | None = None) -> tuple[StoredModelChange, ...]:
        """Every entry, or those of one release by its ident, the newest first.

        Raises:
            RecordsFull, RecordsUnusable: they cannot be read.
        """
        query = select(ModelChangeRow, AuditRow.body).outerjoin(AuditRow, AuditRow.seq == ModelChangeRow.audit_seq)
        if release is not None:
            query = query.where(ModelChangeRow.release == release)
        with self._store.read() as session:
            return tuple(_stored(row, audited) for row, audited in session.execute(query.order_by(ModelChangeRow.id.desc())))

    def add(self, by: str, new: NewModelChange, seen: str | None) -> StoredModelChange:
        """Adds an entry, which supersedes the entry `seen` of the same files of the release; None: it is the first one.

        Raises:
            RecordStale: another entry of these files was added in the meantime.
            RecordsFull, RecordsUnusable: the disk refuses it.
        """
        with self._store.write() as change:
            newest = _newest(change.session, new)
            if newest != seen:
                raise RecordStale(f"Another entry of {new.release} was added in the meantime", "Read it, then decide again")
            facts = (new_id(), new.release, new.release_sha256, new.body, seen or "")
            stated = {"release": new.release, "release_sha256": new.release_sha256}
            detail: Detail = {**stated, "supersedes": seen, "entry_sha256": _digest(*facts)}
            entry = change.log(by, new.act, f"ledger/{facts[0]}", detail)
            row = ModelChangeRow(
                id=facts[0],
                release=new.release,
                release_sha256=new.release_sha256,
                body=new.body,
                audit_seq=entry.seq,
                at=change.now,
                by=by,
                supersedes=seen,
            )
            change.session.add(row)
            return _stored(row, entry.body)


def _newest(session: Session, new: NewModelChange) -> str | None:
    same = (ModelChangeRow.release == new.release, ModelChangeRow.release_sha256 == new.release_sha256)
    return session.scalar(select(ModelChangeRow.id).where(*same).order_by(ModelChangeRow.id.desc()).limit(1))


def _digest(*facts: str) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _stored(row: ModelChangeRow, audited: str | None) -> StoredModelChange:
    whole = audited is not None and _is_of(audited, row)
    return StoredModelChange(row.id, row.release, row.release_sha256, row.body, row.at, row.by, row.supersedes, whole)


def _is_of(audited: str, row: ModelChangeRow) -> bool:
    """Whether an entry of the audit trail states exactly this row."""
    try:
        entry = Entry.of(audited)
    except ValueError:
        return False
    stated = (entry.subject, entry.actor, entry.at, entry.detail.get("entry_sha256"))
    return stated == (f"ledger/{row.id}", row.by, row.at, _digest(row.id, row.release, row.release_sha256, row.body, row.supersedes or ""))
