"""The store: a change of a record and its entry in the audit chain are one transaction; both are stored, or neither is."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session
from typing_extensions import Self

from edge.disk.anchor import Anchor
from edge.disk.layout import DataFolder
from edge.records.audit.entry import BEGINNING, Detail, Entry, digest
from edge.records.audit.seal import Seal
from edge.records.clock import Clock, Now, wall
from edge.records.columns import EPOCH
from edge.records.database import engine, translated_errors
from edge.records.errors import RecordsFull, RecordsGone, RecordsUnusable
from edge.records.migrate import migrate
from edge.records.revision import NO_REVISION
from edge.records.schema import AuditRow, AuditTipRow

TIP = 1


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest entry of the audit chain, its digest and its time."""

    seq: int
    hash: str
    at: datetime


class Transaction:
    """One change at the time `now`: its rows go through `session`, its audit entries through `log`."""

    def __init__(self, session: Session, seal: Seal, clock: Clock, *, taking_over: bool) -> None:
        """Raises RecordsUnusable: another key signed the newest entry of the audit chain; a new entry would approve it."""
        self.session = session
        self._seal, self._clock = seal, clock
        self._tip = session.get(AuditTipRow, TIP)
        self._logged = False
        self.acts: list[str] = []
        """What was logged so far."""
        if self._tip and not taking_over:
            _require_own(seal, self._tip)
        self.latest = self._tip.at if self._tip else EPOCH
        """The newest recorded time before this transaction."""
        self.now = clock.after(self.latest)
        """The time of everything in this transaction: later than every earlier record, whatever the clock says."""

    def follow_clock(self) -> None:
        """Uses the machine's clock from here on, even if it is long before the newest record."""
        self.now = self._clock.machine_time()

    def log(self, actor: str, act: str, subject: str, detail: Detail | None = None) -> Entry:
        """Adds an entry to the chain; it is stored if, and only if, the change is."""
        tip = self._tip
        entry = Entry(tip.seq + 1 if tip else 1, self.now, actor, act, subject, tip.hash if tip else BEGINNING, detail or {})
        body = entry.body
        hash_ = digest(body)
        self.session.add(AuditRow(seq=entry.seq, body=body, hash=hash_))
        if tip is None:
            tip = self._tip = AuditTipRow(id=TIP, signature="")
            self.session.add(tip)
        tip.seq, tip.hash, tip.at = entry.seq, hash_, self.now
        self.acts.append(act)
        self._logged = True
        return entry

    def unlogged(self) -> None:
        """Marks the change as bookkeeping without an audit entry, such as the last use of a session."""
        self._logged = True

    def seal(self) -> None:
        """Signs the newest entry.

        Raises:
            RuntimeError: there is a change without an entry.
        """
        if not self._logged:
            raise RuntimeError("a change of the records without an entry in the audit chain")
        if self._tip is not None:
            self._tip.signature = self._seal.sign(sealed(self._tip.seq, self._tip.hash))


class Store:
    """The records of one data folder. Any thread, and any process on this machine, may use it at the same time.

    Only modules of `edge.records` use the sessions of `read` and `write`; other rooms call those modules.
    """

    def __init__(self, path: Path, seal: Seal, now: Now = wall) -> None:
        self.path, self.seal = path, seal
        self.clock = Clock(now)
        self._anchors: tuple[Anchor, ...] = ()
        self._refused: RecordsFull | None = None
        self._reading = engine(path, writes=False, before_opening=self.require_in_place)
        self._writing = engine(path, writes=True, before_opening=self.require_in_place)
        self._turn = threading.Lock()
        self.changes = 0
        """How many transactions this process has recorded; data that was read before the newest one may be out of date."""
        self.revision = NO_REVISION
        """The revision of the tables, once they are up to date."""

    @classmethod
    def open(cls, folder: Path, now: Now = wall) -> Self:
        """Opens the records of a data folder, and updates their tables; creates them where there are none.

        Raises:
            RecordsUnusable: they are damaged, need a newer program, or cannot be read.
            RecordsFull: the disk refuses it.
        """
        store = cls(DataFolder(folder).records, Seal.of(folder), now)
        with ExitStack() as on_failure:
            on_failure.callback(store.close)
            store.bring_up_to_date()
            on_failure.pop_all()
        return store

    def bring_up_to_date(self) -> None:
        """Creates the tables, or updates them for this program.

        Raises:
            RecordsUnusable, RecordsFull: see `open`.
        """
        with translated_errors(self.path):
            self.revision = migrate(self._writing)

    @contextmanager
    def write(self, *, taking_over: bool = False, passing: bool = False) -> Iterator[Transaction]:  # noqa: ARG002 - see `CopiedRecords`
        """One change. Once this ends, the change survives a power cut; where anything is raised, nothing was changed.

        `taking_over` continues after an entry that another appliance signed, in a backup whose own signature was checked. A `passing`
        change, such as a session, is also made where nothing can be recorded, and then lasts until the appliance ends.

        Raises:
            RecordsFull: the disk refuses it.
            RecordsGone: the records are no longer at their path; a change that was written at that moment may be where they are now.
            RecordsUnusable: another key signed the newest entry of the audit chain.
            RuntimeError: no entry was logged.
        """
        with self._turn, self._refusals_noted():
            self.require_in_place()
            with translated_errors(self.path), Session(self._writing, expire_on_commit=False) as session, session.begin():
                transaction = Transaction(session, self.seal, self.clock, taking_over=taking_over)
                yield transaction
                transaction.seal()
                self.require_in_place()
            self.require_in_place()  # removed while the change was written
            self.changes += 1
        self.clock.recorded(transaction.now)

    @property
    def refusal(self) -> RecordsFull | None:
        """Why nothing can be recorded: the files are gone, or the disk refused the newest change. Never waits for the disk."""
        try:
            self.require_in_place()
        except RecordsGone as gone:
            return gone
        return self._refused

    def require_in_place(self) -> None:
        """Raises RecordsGone: a file or folder of the records was removed, moved, replaced or unmounted since they were opened."""
        gone = next((anchor.path for anchor in self._anchors if not anchor.holds), None)
        if gone is not None:
            what = f"{gone} was removed, moved, replaced or unmounted while the appliance used it; nothing is recorded"
            raise RecordsGone(what, "Put it back where it was, or connect its disk; then restart the appliance")

    @contextmanager
    def _refusals_noted(self) -> Iterator[None]:
        try:
            yield
        except RecordsFull as error:
            self._refused = error
            raise
        self._refused = None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """The committed state of this moment, until this ends.

        Raises:
            RecordsFull, RecordsUnusable: the records cannot be read.
        """
        with translated_errors(self.path), Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def now(self) -> datetime:
        """The time of this store: later than every record."""
        return self.clock.after(self.latest())

    def latest(self) -> datetime:
        """The newest recorded time; 1970 where there are no records."""
        with self.read() as session:
            tip = session.get(AuditTipRow, TIP)
        return tip.at if tip else EPOCH

    def newest(self) -> Newest | None:
        """The newest entry of the audit chain; None where there is none.

        Raises:
            RecordsUnusable: another key signed it, or none.
        """
        with self.read() as session:
            tip = session.get(AuditTipRow, TIP)
        if tip is None:
            return None
        _require_own(self.seal, tip)
        return Newest(tip.seq, tip.hash, tip.at)

    def close(self) -> None:
        for anchor in self._anchors:
            anchor.close()
        self._anchors = ()
        self._reading.dispose()
        self._writing.dispose()


def _require_own(seal: Seal, tip: AuditTipRow) -> None:
    if not seal.holds(sealed(tip.seq, tip.hash), tip.signature):
        fix = "Run `sonoedge audit verify`; then put the lost key back, or restore a backup"
        raise RecordsUnusable("the newest entry of the audit trail is not signed by this appliance's key", fix)


def sealed(seq: int, hash_: str) -> str:
    """The text that the signature of the newest entry covers."""
    return f"sonoedge-audit {seq} {hash_}"
