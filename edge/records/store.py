"""The store: every change of a record is one transaction together with its entry in the audit chain, or nothing happened."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session
from typing_extensions import Self

from edge.records.audit import BEGINNING, Detail, Entry, digest
from edge.records.clock import Now, after, wall
from edge.records.database import FILE, engine, told
from edge.records.migrate import migrate
from edge.records.schema import EPOCH, AuditRow, AuditTipRow
from edge.records.seal import Seal

TIP = 1


class Transaction:
    """One change: rows through `session`, and what was done through `log`, at the time `now`."""

    def __init__(self, session: Session, seal: Seal, said: datetime) -> None:
        self.session = session
        self._seal = seal
        self._tip = session.get(AuditTipRow, TIP)
        self._logged = False
        self.now = after(self._tip.at if self._tip else EPOCH, said)
        """The time of everything in this transaction: later than all that was recorded before, whatever the clock says."""

    def log(self, actor: str, act: str, subject: str, detail: Detail | None = None) -> Entry:
        """Adds an entry to the chain; it is there if, and only if, the change is."""
        tip = self._tip
        entry = Entry(tip.seq + 1 if tip else 1, self.now, actor, act, subject, tip.hash if tip else BEGINNING, detail or {})
        body = entry.body
        hash_ = digest(body)
        self.session.add(AuditRow(seq=entry.seq, body=body, hash=hash_))
        if tip is None:
            tip = self._tip = AuditTipRow(id=TIP)
            self.session.add(tip)
        tip.seq, tip.hash, tip.at = entry.seq, hash_, self.now
        self._logged = True
        return entry

    def seal(self) -> None:
        """Signs the newest entry.

        Raises:
            RuntimeError: something was changed and no entry says so.
        """
        if not self._logged:
            raise RuntimeError("a change of the records without an entry in the audit chain")
        assert self._tip is not None
        self._tip.signature = self._seal.sign(sealed(self._tip.seq, self._tip.hash))


class Store:
    """The records of one data folder. Any thread, and any process on this machine, may use it at the same time.

    Only modules of `edge.records` use what `read` and `write` give; others call those modules.
    """

    def __init__(self, path: Path, seal: Seal, now: Now = wall) -> None:
        self.path, self.seal = path, seal
        self._now = now
        self._reading, self._writing = engine(path, writes=False), engine(path, writes=True)
        self._turn = threading.Lock()

    @classmethod
    def open(cls, folder: Path, now: Now = wall) -> Self:
        """Opens the records of a data folder, and brings their tables up to date; makes them where there are none.

        Raises:
            RecordsUnusable: they are damaged, of a newer version, or may not be read.
            RecordsFull: the disk refuses it.
        """
        seal = Seal.of(folder)
        store = cls(folder / FILE, seal, now)
        with told(store.path):
            migrate(store._writing)
        return store

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One change; once this ends it survives a cut of power, and where anything is raised nothing was changed.

        Raises:
            RecordsFull: the disk refuses it.
            RuntimeError: no entry was logged.
        """
        with self._turn, told(self.path), Session(self._writing, expire_on_commit=False) as session, session.begin():
            transaction = Transaction(session, self.seal, self._now())
            yield transaction
            transaction.seal()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """What is committed, as it is now, until this ends.

        Raises:
            RecordsFull, RecordsUnusable: it cannot be read.
        """
        with told(self.path), Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def now(self) -> datetime:
        """The time by which this store judges: never before anything that was recorded."""
        with self.read() as session:
            tip = session.get(AuditTipRow, TIP)
        return after(tip.at if tip else EPOCH, self._now())

    def close(self) -> None:
        self._reading.dispose()
        self._writing.dispose()


def sealed(seq: int, hash_: str) -> str:
    """What the signature of the newest entry is over."""
    return f"sonoedge-audit {seq} {hash_}"
