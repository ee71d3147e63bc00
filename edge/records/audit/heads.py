"""Signed heads: which entry was the newest at which time, in a journal outside the database. They reveal a database that was set back."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from typing_extensions import Self

from edge.disk.journal import Journal
from edge.disk.layout import DataFolder
from edge.records.audit.chain import Signed
from edge.records.audit.seal import Seal, holds
from edge.records.errors import RecordsFull
from edge.records.store import Store


@dataclass(frozen=True, slots=True)
class Head:
    """`signature`, in base64, covers the entry's number, its digest and the time, which is in UTC (ISO 8601)."""

    seq: int
    hash: str
    at: str
    signature: str

    @classmethod
    def of(cls, content: object) -> Self:
        """Raises ValueError: this is not a signed head."""
        try:
            head = cls(**content) if isinstance(content, dict) else None
        except TypeError:
            head = None
        if head is None or not (type(head.seq) is int and all(isinstance(text, str) for text in (head.hash, head.at, head.signature))):
            raise ValueError("this is not a signed head")
        datetime.fromisoformat(head.at)
        return head

    def signed_by(self, public: str) -> bool:
        """Whether the key whose public part is `public` (PEM) signed it."""
        return holds(public, _signed_text(self.seq, self.hash, self.at), self.signature)

    @property
    def signed(self) -> Signed:
        """The head for verification, once its signature was checked."""
        return Signed(self.seq, self.hash, datetime.fromisoformat(self.at))

    def as_record(self) -> dict[str, object]:
        return asdict(self)


def sign_head(store: Store) -> Head | None:
    """The newest entry, signed now; None where there is no entry yet.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read, or their newest entry is not signed by this appliance.
    """
    tip = store.newest()
    if tip is None:
        return None
    at = store.clock.after(tip.at).isoformat(timespec="microseconds")
    return Head(tip.seq, tip.hash, at, store.seal.sign(_signed_text(tip.seq, tip.hash, at)))


@dataclass(frozen=True, slots=True)
class StoredHeads:
    """The heads with this appliance's signature, oldest first, and how many other lines the file has."""

    heads: tuple[Head, ...]
    refused: int


class Heads:
    """The journal of a data folder. A head survives a power cut once `append` returns."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(DataFolder(folder).audit_heads)

    def append(self, store: Store) -> Head | None:
        """Signs the newest entry and stores its head, unless the newest stored head is of the same entry.

        Raises:
            RecordsFull: the disk refuses it.
            RecordsUnusable: see `sign_head`.
        """
        head = sign_head(store)
        try:
            if head is not None and (head.seq, head.hash) != self._newest(store.seal.public):
                self._journal.append(head.as_record())
        except OSError as error:
            path, fix = self._journal.path, "Free some room on the disk, and check that this user may write there"
            raise RecordsFull(f"{path} cannot be written ({error.strerror})", fix) from error
        return head

    def _newest(self, public: str) -> tuple[int, str] | None:
        newest = self._journal.read(_head).good[-1:]
        return (newest[0].seq, newest[0].hash) if newest and newest[0].signed_by(public) else None

    def stored(self, seal: Seal) -> StoredHeads:
        """All heads.

        Raises:
            RecordsFull: the file cannot be read.
        """
        try:
            lines = self._journal.read(_head)
        except OSError as error:
            raise RecordsFull(f"{self._journal.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        heads = tuple(head for head in lines.good if head.signed_by(seal.public))
        return StoredHeads(heads, len(lines.good) + len(lines.damaged) - len(heads))


def _head(line: bytes) -> Head:
    return Head.of(json.loads(line))


def _signed_text(seq: int, hash_: str, at: str) -> str:
    return f"sonoedge-audit-head {seq} {hash_} {at}"
