"""Keeps the records of a running appliance: backups when they are due and at its end, room on the disk, and a word when either fails."""

import sqlite3
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.backup.backups import Backup, backups_in, make_backup
from edge.records.backup.clip_copies import Copied, copy_clips
from edge.records.exams.clips import ABSENT
from edge.records.exams.reconcile import DAMAGED, Reconciled, clip_notice, reconcile
from edge.records.exams.retention import Policy, due, remove
from edge.records.notices import Notices
from edge.records.store import Store
from edge.settings import Settings
from firmware_bridge.errors import SonoEdgeError

LOOK_EVERY_S = 60
EVERY = ((64_000_000, timedelta(hours=1)), (1_000_000_000, timedelta(hours=6)), (None, timedelta(days=1)))
"""How old the newest backup may get while something changes, by the database's size in bytes: a day of work must not hang on one."""
AGAIN_S = 3600.0
"""After a backup that failed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Made:
    """A backup in a folder; `clips` were copied with it where the folder is on another disk."""

    folder: Path
    backup: Backup
    clips: Copied | None = None


class RecordsKeeper:
    """A worker of the appliance, and what the API asks of backups. Its methods wait for disks: call them from a thread."""

    def __init__(self, store: Store, notices: Notices, settings: Settings) -> None:
        self._store, self._notices, self._settings = store, notices, settings
        self._turn = threading.Lock()
        self._failed: dict[Path, float] = {}

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where backups are: the data folder's own, and that on another disk, if one is set."""
        own, elsewhere = self._settings.data.backups, self._settings.backup_dir
        return (own,) if elsewhere is None else (own, elsewhere)

    def reconcile(self) -> Reconciled:
        """Compares clips and rows; a disk that refuses it is no reason not to start."""
        try:
            found = reconcile(self._store, self._settings.data_dir)
        except (SonoEdgeError, OSError) as error:
            log.error("clips and records were not compared", problem=str(error))  # noqa: TRY400 - no fault of the program
            return Reconciled()
        if found != Reconciled():
            log.warning("clips and records did not agree", **{name: getattr(found, name) for name in Reconciled.__slots__})
        return found

    def run(self, stopping: threading.Event) -> None:
        """Looks every minute until the appliance stops."""
        while not stopping.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Makes what backups are due, and room where it is needed."""
        for folder in self.folders:
            if self._is_due(folder, self._patience()):
                self._quietly(folder)
        self.make_room()

    def close(self) -> None:
        """Backs up what was changed since the last time."""
        for folder in self.folders:
            if self._is_due(folder, timedelta(0)):
                self._quietly(folder)

    def back_up(self, actor: Actor) -> tuple[Made, ...]:
        """Makes backups in every folder now.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            BackupFailed: a disk refuses it.
            RecordsFull, RecordsUnusable: the records' own disk does.
        """
        actor.require(Verb.SERVE)
        with self._store.write() as change:
            change.log(actor.name, "backup.asked-for", "records", {"folders": [str(folder) for folder in self.folders]})
        return tuple(self._make(folder) for folder in self.folders)

    def backups(self, actor: Actor) -> tuple[tuple[Path, Backup], ...]:
        """Those in every folder, the newest of each first.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
        """
        actor.require(Verb.SERVE)
        return tuple((folder, backup) for folder in self.folders for backup in backups_in(folder))

    def make_room(self) -> None:
        """Removes what the policy lets go."""
        policy = Policy(self._settings.keep_days, self._settings.free_floor_mb)
        try:
            for removal in due(self._store, self._settings.data_dir, policy):
                remove(self._store, self._settings.data_dir, removal)
                log.info("clips removed", exam=removal.folder, bytes=removal.bytes, why=removal.why)
        except (SonoEdgeError, OSError) as error:
            log.warning("no room was made", problem=str(error))

    def _make(self, folder: Path) -> Made:
        with self._turn:
            backup = make_backup(self._store, folder)
            log.info("backup made", folder=str(folder), file=backup.file, entries=backup.seq)
            if folder != self._settings.backup_dir:
                return Made(folder, backup)
            copied = copy_clips(self._store, self._settings.data_dir, folder)
            for state, names in ((ABSENT, copied.absent), (DAMAGED, copied.damaged)):
                for name in names:
                    self._notices.add(*clip_notice(state, Path(name)))
            return Made(folder, backup, copied)

    def _quietly(self, folder: Path) -> None:
        try:
            self._make(folder)
            self._failed.pop(folder, None)
        except SonoEdgeError as error:
            self._failed[folder] = time.monotonic()
            log.warning("no backup was made", problem=error.what, fix=error.fix)
            self._tell(folder, error)

    def _tell(self, folder: Path, error: SonoEdgeError) -> None:
        try:
            self._notices.add("backup-not-made", f"The records are not backed up to {folder}", error.fix)
        except SonoEdgeError as full:
            log.warning("nobody could be told", problem=full.what)

    def _patience(self) -> timedelta:
        size = self._store.path.stat().st_size
        return next(every for most, every in EVERY if most is None or size < most)

    def _is_due(self, folder: Path, patience: timedelta) -> bool:
        if patience and time.monotonic() - self._failed.get(folder, float("-inf")) < AGAIN_S:
            return False
        try:
            tip, newest = self._store.newest(), next(iter(backups_in(folder)), None)
        except (SonoEdgeError, OSError, sqlite3.Error) as error:
            log.warning("backups were not looked at", folder=str(folder), problem=str(error))
            return False
        if tip is None or (newest is not None and (newest.seq, newest.hash) == (tip.seq, tip.hash)):
            return False
        return newest is None or not timedelta(0) <= self._store.now() - newest.at < patience  # or from before the clock was corrected
