"""Signed heads: which entry was the newest one at which time, in a file beside the database, so that a database set back is found."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from typing_extensions import Self

from edge.disk.journal import Journal
from edge.records.audit.chain import Signed
from edge.records.audit.seal import Seal, holds
from edge.records.errors import RecordsFull
from edge.records.store import Store

FILE = "audit_heads.jsonl"
"""Of the data folder."""


@dataclass(frozen=True, slots=True)
class Head:
    """`signature`, in base64, is over the entry's number, its digest and the time, which is in UTC as ISO 8601 writes it."""

    seq: int
    hash: str
    at: str
    signature: str

    @classmethod
    def of(cls, said: object) -> Self:
        """Raises ValueError: this says no head."""
        try:
            head = cls(**said) if isinstance(said, dict) else None
        except TypeError:
            head = None
        if head is None or not (type(head.seq) is int and all(isinstance(text, str) for text in (head.hash, head.at, head.signature))):
            raise ValueError("this is no signed head")
        datetime.fromisoformat(head.at)
        return head

    def signed_by(self, public: str) -> bool:
        """Whether the key whose public part is `public` (PEM) signed it."""
        return holds(public, _said(self.seq, self.hash, self.at), self.signature)

    @property
    def signed(self) -> Signed:
        """As verification takes it, once the signature was checked."""
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
    return Head(tip.seq, tip.hash, at, store.seal.sign(_said(tip.seq, tip.hash, at)))


@dataclass(frozen=True, slots=True)
class StoredHeads:
    """Those with this appliance's signature, oldest first, and how many lines of the file are no such heads."""

    heads: tuple[Head, ...]
    refused: int


class Heads:
    """The file of a data folder. What it takes is on the disk once `append` returns. `append` belongs to one thread."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder / FILE)

    def append(self, store: Store) -> Head | None:
        """Signs the newest entry and keeps that, unless it was the newest one already when that was last done.

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
        heads = [head for head in list(self._lines(self._journal.path))[-1:] if head is not None and head.signed_by(public)]
        return (heads[0].seq, heads[0].hash) if heads else None

    def kept(self, seal: Seal) -> StoredHeads:
        """All heads.

        Raises:
            RecordsFull: the file cannot be read.
        """
        try:
            lines = [head for path in (self._journal.before, self._journal.path) for head in self._lines(path)]
        except OSError as error:
            raise RecordsFull(f"{self._journal.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        heads = tuple(head for head in lines if head is not None and head.signed_by(seal.public))
        return StoredHeads(heads, len(lines) - len(heads))

    def _lines(self, path: Path) -> Iterator[Head | None]:
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                yield Head.of(json.loads(line))
            except (ValueError, RecursionError):
                yield None


def _said(seq: int, hash_: str, at: str) -> str:
    return f"sonoedge-audit-head {seq} {hash_} {at}"
