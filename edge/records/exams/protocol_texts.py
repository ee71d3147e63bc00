"""The text of each protocol under which an exam was begun, stored by its digest, so that an exam outlives every protocol file."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from edge.records.notices import APPLIANCE
from edge.records.schema import ExamRow, ProtocolTextRow
from edge.records.store import Store, Transaction


def digest_of_text(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ProtocolText:
    """A protocol by its id and version; `text` is its JSON, byte for byte."""

    id: str
    version: str
    text: str

    @property
    def digest(self) -> str:
        return digest_of_text(self.text)


class ProtocolTexts:
    """Every public method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, digest: str) -> str | None:
        """The text with this digest; None where none is stored, or where the stored one was changed."""
        with self._store.read() as session:
            return text_of(session, digest)

    def store_missing(self, known: Collection[ProtocolText]) -> tuple[str, ...]:
        """Stores each known text that a recorded exam refers to and that is not stored yet; returns their digests."""
        by_digest = {text.digest: text for text in known}
        stored = select(ProtocolTextRow.digest)
        query = select(ExamRow.protocol_digest).where(ExamRow.protocol_digest.not_in(stored)).distinct()
        with self._store.read() as session:
            missing = sorted(digest for digest in session.scalars(query) if digest in by_digest)
        if missing:
            with self._store.write() as change:
                for digest in missing:
                    store_text(change, by_digest[digest])
                    change.log(APPLIANCE, "protocol.stored", f"protocol/{by_digest[digest].id}", {"digest": digest})
        return tuple(missing)


def text_of(session: Session, digest: str) -> str | None:
    """See `ProtocolTexts.get`, within a transaction."""
    row = session.get(ProtocolTextRow, digest)
    return row.text if row is not None and digest_of_text(row.text) == digest else None


def store_text(change: Transaction, text: ProtocolText) -> None:
    """Stores a text unless it is there; repairs a text that was changed on the disk."""
    row = change.session.get(ProtocolTextRow, text.digest)
    if row is None:
        change.session.add(
            ProtocolTextRow(digest=text.digest, id=text.id, version=text.version, text=text.text, stored_at=change.now),
        )
    else:
        row.text = text.text
