"""Opens the records at a start. Damaged records go to the quarantine, the newest good backup replaces them, and a notice is added."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import PoolProxiedConnection, select
from typing_extensions import Self

from edge.disk.anchor import Anchor, FolderInUse
from edge.disk.durable import make_folder
from edge.disk.layout import DataFolder
from edge.disk.room import shortage, takes_writes
from edge.records.audit.seal import Seal
from edge.records.backup.backups import restore_keys
from edge.records.backup.description import PATTERN, Backup
from edge.records.backup.quarantine import put_aside
from edge.records.backup.restore import Cause, newest_good, newest_unsigned, replace
from edge.records.clock import Now, wall
from edge.records.copied import CopiedRecords
from edge.records.database import translated_errors
from edge.records.errors import RecordsFull, RecordsUnusable
from edge.records.exams.file import FILE
from edge.records.integrity import faults, is_still, reading, revision_in, tip_faults, tip_of
from edge.records.notices import APPLIANCE, add_notice
from edge.records.revision import NEWEST, NO_REVISION
from edge.records.schema import NoticeRow
from edge.records.store import Store
from edge.records.sum import drop_sum, sum_fault, write_sum
from edge.records.use import Use
from edge.records.wal import Log, read_log

ANY_EXAM = f"*/{FILE}"
TAIL_LOST, CHANGED, NEWER = "records-tail-lost", "records-changed", "records-newer"
LOOK = "Run sonoedge audit verify, and compare the newest exams with their reports"

WHOLE_BELOW_BYTES = 16_000_000
"""Below this size a database gets all checks if it was not closed in good order: they take a second at most."""

ROOM_BYTES = 16_000_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Doubt:
    """`why` a database is in doubt, empty where it is not; `wrong`: there is a fault, and not only bytes that no program wrote."""

    why: str = ""
    wrong: bool = False


class OpenRecords(Store):
    """The records of a data folder in use; the last user that closes them stores their digest."""

    _use: Use
    _held: PoolProxiedConnection | None = None
    """One connection that stays open: SQLite removes the log with its last connection, and makes another one."""

    @classmethod
    def of(cls, folder: Path, use: Use, now: Now) -> Self:
        """Holds `use` until the records are closed."""
        store = cls(DataFolder(folder).records, Seal.of(folder), now)
        with ExitStack() as on_failure:
            on_failure.callback(store._close_database)
            store.bring_up_to_date()
            store._use = use
            store._hold()
            _report_newer(store)
            on_failure.pop_all()
        return store

    def _hold(self) -> None:
        data = DataFolder(self.path.parent)
        make_folder(data.exams)
        with translated_errors(self.path):
            self._held = self._reading.raw_connection()
            self._held.cursor().execute("SELECT 1 FROM sqlite_master").fetchall()  # opens the log
        files = (each for each in (data.records, data.records_log, data.records_index) if each.exists())
        self._anchors = (FolderInUse(data.root), FolderInUse(data.exams), *map(Anchor, files))

    def _close_database(self) -> None:
        if self._held is not None:
            self._held.close()
        super().close()

    def close(self) -> None:
        self._close_database()
        try:
            if self._use.alone():
                write_sum(self.path.parent)
        except (OSError, RecordsFull, sqlite3.Error) as error:
            log.warning("the digest of the records was not written", problem=str(error))
        finally:
            self._use.leave()


def open_records(folder: Path, more_backups: Iterable[Path] = (), now: Now = wall) -> Store:
    """The records of a data folder, checked unless another process uses them already; created where there never were any.

    `more_backups` are folders outside the data folder that may also hold the newest good backup. Only a backup that this appliance signed
    is restored.

    Raises:
        RecordsFull: the disk refuses it.
        RecordsUnusable: they need a newer program, or the key cannot be read.
    """
    use = Use(folder)
    try:
        if use.alone():
            _check(folder, (DataFolder(folder).backups, *more_backups), now)
        use.share()
        store = OpenRecords.of(folder, use, now)
    except (OSError, sqlite3.OperationalError) as error:
        use.leave()
        raise RecordsFull(f"{folder} cannot be used ({error})", "Check the disk, and that this user may write there") from error
    except BaseException:
        use.leave()
        raise
    return store


def open_readable(folder: Path, more_backups: Iterable[Path] = (), now: Now = wall) -> Store:
    """As `open_records`; where the disk takes no writes, a copy that can be read and takes no changes.

    Raises:
        RecordsFull: there is no room for a copy, or the folder is not this user's.
        RecordsUnusable: see `open_records`.
    """
    try:
        return open_records(folder, more_backups, now)
    except RecordsFull as why:
        denied = shortage(folder) is None and not os.access(folder, os.W_OK | os.X_OK)
        if not folder.is_dir() or denied or takes_records(folder):
            raise
        log.warning("the records can only be read", problem=why.what, fix=why.fix)
        return CopiedRecords(folder, why, now)


def takes_records(folder: Path) -> bool:
    """Whether the disk of a data folder takes what its records need to open, and the first changes."""
    log_file = DataFolder(folder).records_log
    return takes_writes(folder, ROOM_BYTES + (log_file.stat().st_size if log_file.exists() else 0))


def _check(folder: Path, backups: tuple[Path, ...], now: Now) -> None:
    path = DataFolder(folder).records
    restore_keys(folder)
    damage = _damage(path)
    revision = NO_REVISION if damage else revision_in(path)
    revision.require_served()  # before anything is changed
    doubt = _doubt(path) if revision.floor else Doubt()
    newest = newest_good(backups, Seal.of(folder).public) if damage or doubt.why else None
    drop_sum(folder)
    if damage or (newest and _is_better(newest[1], path, doubt)):
        log.error("the records are damaged", problem=damage or doubt.why, folder=str(folder))
        unsigned = newest_unsigned(backups, Seal.of(folder).public)
        replace(folder, newest, Cause(damage or doubt.why, APPLIANCE, now, unsigned))
    elif path.exists():
        _settle(folder, now)
        if doubt.why:
            _report(folder, now, CHANGED, f"The disk or a person changed the records while no program used them: {doubt.why}", LOOK)


def _damage(path: Path) -> str:
    """Why a database is not usable; empty where it is usable, or where there never was one."""
    data = DataFolder(path.parent)
    if path.exists() and (found := faults(path, None, whole=False, still=is_still(path))):
        return "; ".join(found)
    if revision_in(path).floor:
        return ""
    before = (data.claimed, data.audit_heads, data.quarantine, data.records_sum, *data.backups.glob(PATTERN), *data.exams.glob(ANY_EXAM))
    return f"{path.name} is gone or empty" if any(trace.exists() for trace in before) else ""


def _doubt(path: Path) -> Doubt:
    """The faults of a database that is still usable."""
    if found := tip_faults(path, Seal.of(path.parent).public, still=is_still(path)):
        return Doubt("; ".join(found), wrong=True)
    changed = sum_fault(path.parent)
    if changed or (not DataFolder(path.parent).records_sum.exists() and path.stat().st_size < WHOLE_BELOW_BYTES):
        found = faults(path, None, whole=True, still=is_still(path))
        return Doubt("; ".join(found) or changed, wrong=bool(found))
    return Doubt()


def _is_better(backup: Backup, path: Path, doubt: Doubt) -> bool:
    """Whether a backup must replace a database in doubt: nothing is lost by that, or the fault would stay."""
    with reading(path, still=is_still(path)) as connection:
        tip = tip_of(connection)
    return doubt.wrong or (backup.seq, backup.hash) == (tip.seq, tip.hash)


def _settle(folder: Path, now: Now) -> None:
    """Takes over the log of a database that was not closed in good order, and reports changes that damage has cut off."""
    path, wal = DataFolder(folder).records, DataFolder(folder).records_log
    content = read_log(wal)
    if content.damaged:
        place = put_aside(folder, [path, wal], "the write-ahead log is damaged", copy=True)
        _report(folder, now, *_tail_lost(content, place))
    if wal.exists():  # otherwise the next start would take the rest of this log for damage
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _report(folder: Path, now: Now, code: str, what: str, fix: str) -> None:
    store = Store(DataFolder(folder).records, Seal.of(folder), now)
    try:
        store.bring_up_to_date()
        with store.write() as change:
            add_notice(change, code, what, fix)
    except RecordsUnusable as error:  # with another key nothing is written; the next write reports what to do
        log.error("no notice was added", what=what, problem=error.what)  # noqa: TRY400 - no fault of the program
    finally:
        store.close()


def _report_newer(store: Store) -> None:
    """Adds one notice for each revision, seen or not, because people may use the older program for a long time."""
    if not store.revision.newer:
        return
    what = f"A newer program has written to these records (revision {store.revision.reached}); this program knows revision {NEWEST}. "
    what += "It uses the records as usual and leaves what the newer program added unchanged"
    with store.read() as session:
        if session.scalar(select(NoticeRow.id).where(NoticeRow.code == NEWER, NoticeRow.what == what).limit(1)):
            return
    try:
        with store.write() as change:
            add_notice(change, NEWER, what, "Nothing is lost. Install the newer program again to see what it added")
    except (RecordsFull, RecordsUnusable) as error:  # another key, or no room: the records can still be read
        log.error("no notice was added", what=what, problem=error.what)  # noqa: TRY400 - no fault of the program


def _tail_lost(content: Log, place: Path) -> tuple[str, str, str]:
    what = f"The disk has damaged the newest part of the records: the last {content.lost} changes before this start are lost"
    return TAIL_LOST, f"{what}; a copy is in {place.name} of the quarantine", "Check the last exam, and enter again what is missing"
