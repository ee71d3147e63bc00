"""Maintains the records: backups when they are due and when the appliance ends, room on the disk, and a notice when either fails."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from edge.exam.exam import states_in
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.backup.backups import Progress, make_backup, no_progress
from edge.records.backup.clip_copies import Copied, copy_clips
from edge.records.backup.description import Backup, backups_in, own_backups
from edge.records.backup.place import ON_PURPOSE, note_shared, remember, require_disk, unstated
from edge.records.clock import MOST_OFF, MOST_OFF_REMOVING
from edge.records.clock_correction import ClockGuard
from edge.records.errors import BackupFailed, RecordsGone
from edge.records.exams.clips import ABSENT
from edge.records.exams.reconcile import DAMAGED, Reconciled, clip_notice, reconcile
from edge.records.exams.retention import Policy, Removal, due, remove
from edge.records.notices import APPLIANCE, Notices
from edge.records.store import Store
from edge.settings import Settings
from firmware_bridge.errors import SonoEdgeError

LOOK_EVERY_S = 60
EVERY = ((64_000_000, timedelta(hours=1)), (1_000_000_000, timedelta(hours=6)), (None, timedelta(days=1)))
"""How old the newest backup is allowed to be while records change, by the size of the database in bytes."""
AGAIN_S = 3600.0
"""Wait after a backup that failed."""

Watch = Callable[[str], AbstractContextManager[Progress]]
"""Receives the name of each long step, and gives what counts its progress."""

log = structlog.get_logger()


def clock_guard(store: Store, notices: Notices, settings: Callable[[], Settings]) -> ClockGuard:
    """The guard of the clock, which is stricter while the settings remove clips for their age."""
    return ClockGuard(store, notices, lambda: MOST_OFF_REMOVING if settings().keep_days else MOST_OFF)


def unwatched(_step: str) -> AbstractContextManager[Progress]:
    return nullcontext(no_progress)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup in a folder; `clips` were copied with it unless the folder is the data folder's own."""

    folder: Path
    backup: Backup
    clips: Copied | None = None


class RecordsKeeper:
    """A worker of the appliance; API and shell use it for backups. Its methods wait for disks: call them from a thread."""

    def __init__(self, store: Store, notices: Notices, settings: Callable[[], Settings], clock: ClockGuard | None = None) -> None:
        """`settings` are those that hold at the moment."""
        self._store, self._notices, self._now = store, notices, settings
        self._clock = clock or clock_guard(store, notices, settings)
        self._turn = threading.Lock()
        self._failed: dict[Path, float] = {}

    @property
    def _settings(self) -> Settings:
        return self._now()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where backups are stored: in the data folder, and on another disk if the settings name one."""
        return (self._settings.data.backups, *self._settings.other_backups)

    def reconcile(self) -> Reconciled:
        """Compares clips and rows; the appliance starts even if the disk refuses it."""
        try:
            found = reconcile(self._store, self._settings.data_dir, lambda exam: states_in(exam.zone_states))
        except (SonoEdgeError, OSError) as error:
            log.error("clips and records were not compared", problem=str(error))  # noqa: TRY400 - no fault of the program
            return Reconciled()
        if found != Reconciled():
            log.warning("clips and records did not agree", **{name: getattr(found, name) for name in Reconciled.__slots__})
        return found

    def run(self, stopping: threading.Event, also: Callable[[], None] = lambda: None) -> None:
        """Checks every minute until the appliance stops, and does `also` at once and then each time."""
        also()
        while not stopping.wait(LOOK_EVERY_S):
            self.look()
            also()

    def look(self) -> None:
        """Makes the backups that are due, and room where it is needed; nothing where the records are gone."""
        if (refusal := self._store.refusal) is not None:
            self._write_again()
        if isinstance(refusal, RecordsGone):
            return
        for folder in self.folders:
            if self._is_due(folder, self._patience()):
                self._quietly(folder)
        self.make_room()

    def _write_again(self) -> None:
        """A disk that takes writes again is noticed although nobody records anything."""
        try:
            with self._store.write() as change:
                change.log(APPLIANCE, "records.written-again", "records")
        except SonoEdgeError as error:
            log.warning("the records still cannot be written", problem=error.what)

    def close(self) -> None:
        """Backs up what has changed since the last backup."""
        for folder in self.folders:
            if self._is_due(folder, timedelta(0)):
                self._quietly(folder)

    def back_up(self, actor: Actor, folder: Path | None = None, watch: Watch = unwatched, *, same_disk: bool = False) -> tuple[Made, ...]:
        """Makes a backup now, in one folder or else in every folder of the settings.

        `same_disk` accepts a folder, now and later, although it is on no other disk, or the backups that were there are gone.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            BackupFailed: a disk refuses it.
            RecordsFull, RecordsUnusable: the disk of the records refuses it.
        """
        actor.require(Verb.SERVE)
        folders = self.folders if folder is None else (folder,)
        with self._store.write() as change:
            change.log(actor.name, "backup.asked-for", "records", {"folders": [str(each) for each in folders]})
        return tuple(self._make(each, watch, same_disk=same_disk) for each in folders)

    def backups(self, actor: Actor, folder: Path | None = None) -> tuple[tuple[Path, Backup], ...]:
        """The backups in one folder, or else in every folder of the settings; the newest of each folder first.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
        """
        actor.require(Verb.SERVE)
        return tuple((each, backup) for each in (self.folders if folder is None else (folder,)) for backup in backups_in(each))

    def free(self, actor: Actor, *, dry_run: bool = False) -> tuple[Removal, ...]:
        """Removes the clips that retention no longer needs, and states which; with `dry_run` it only states them.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            RecordStale, RecordsFull, RecordsUnusable, OSError: see `edge.records.exams.retention`.
        """
        actor.require(Verb.SERVE)
        removals = self._due()
        for removal in () if dry_run else removals:
            remove(self._store, self._settings.data_dir, removal, actor.name)
        return removals

    @property
    def clock_in_doubt(self) -> bool:
        """Whether clips that are due for their age stay, because a wrong clock may only make them look old."""
        return self._settings.keep_days > 0 and self._clock.in_doubt()

    def make_room(self) -> None:
        """Removes the clips that retention no longer needs."""
        try:
            for removal in self._due():
                remove(self._store, self._settings.data_dir, removal)
                log.info("clips removed", exam=removal.folder, bytes=removal.bytes, why=removal.why)
        except (SonoEdgeError, OSError) as error:
            log.warning("no room was made", problem=str(error))

    def _due(self) -> tuple[Removal, ...]:
        keep_days = 0 if self.clock_in_doubt else self._settings.keep_days
        return due(self._store, self._settings.data_dir, Policy(keep_days, self._settings.free_floor_mb))

    def _make(self, folder: Path, watch: Watch = unwatched, *, same_disk: bool = False) -> Made:
        own, data_dir = folder == self._settings.data.backups, self._settings.data_dir
        with self._turn:
            if not (own or same_disk):
                require_disk(data_dir, folder)
            with watch("records") as progress:
                backup = make_backup(self._store, folder, progress)
            log.info("backup made", folder=str(folder), file=backup.file, entries=backup.seq)
            if own:
                return Made(folder, backup)
            with watch("clips") as progress:
                copied = copy_clips(self._store, data_dir, folder, progress)
            if not same_disk:
                require_disk(data_dir, folder)  # a disk that was pulled meanwhile
            self._remember(folder, same_disk=same_disk)
            for state, names in ((ABSENT, copied.absent), (DAMAGED, copied.damaged)):
                for name in names:
                    self._notices.add(*clip_notice(state, Path(name)))
            return Made(folder, backup, copied)

    def _remember(self, folder: Path, *, same_disk: bool) -> None:
        data_dir = self._settings.data_dir
        try:
            remember(data_dir, folder)
            if why := unstated(data_dir, folder):
                if not same_disk:
                    what = f"The backups in {folder} are lost together with the records if this disk fails: {why}"
                    self._notices.add("backup-same-disk", what, f"Set backup_dir to a second disk or stick. {ON_PURPOSE}")
                note_shared(data_dir, folder)
        except OSError as error:
            raise BackupFailed(f"{data_dir} cannot be written ({error.strerror})", "Free some room") from error

    def _quietly(self, folder: Path) -> None:
        try:
            self._make(folder)
            self._failed.pop(folder, None)
        except SonoEdgeError as error:
            self._failed[folder] = time.monotonic()
            log.warning("no backup was made", problem=error.what, fix=error.fix)
            self._notify(folder, error)

    def _notify(self, folder: Path, error: SonoEdgeError) -> None:
        try:
            self._notices.add("backup-not-made", f"The records are not backed up to {folder}", error.fix)
        except SonoEdgeError as full:
            log.warning("the notice was not recorded", problem=full.what)

    def _patience(self) -> timedelta:
        size = self._store.path.stat().st_size
        return next(every for most, every in EVERY if most is None or size < most)

    def _is_due(self, folder: Path, patience: timedelta) -> bool:
        if patience and time.monotonic() - self._failed.get(folder, float("-inf")) < AGAIN_S:
            return False
        try:
            tip, newest = self._store.newest(), next(iter(own_backups(folder, self._store.seal.public)), None)
        except (SonoEdgeError, OSError, sqlite3.Error) as error:
            log.warning("backups were not checked", folder=str(folder), problem=str(error))
            return False
        if tip is None or (newest is not None and (newest.seq, newest.hash) == (tip.seq, tip.hash)):
            return False
        return newest is None or not timedelta(0) <= self._store.now() - newest.at < patience  # or from before the clock was corrected
