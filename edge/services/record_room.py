"""The records of the appliance with the people and the workers that belong to them. Opened first, and closed last."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing

from edge.disk.room import NoRoom, shortage
from edge.people.claims import Claims
from edge.records.audit.keeper import AuditKeeper
from edge.records.copied import CopiedRecords
from edge.records.errors import RecordsFull
from edge.records.notices import Notices
from edge.records.opening import open_readable, takes_records
from edge.services.people import PeopleService
from edge.services.records_keeper import RecordsKeeper, clock_guard
from edge.services.settings import SettingsService
from edge.services.slots import SlotsService
from edge.settings import Settings

TRY_S = 5.0
"""How often a disk that took no writes is tried again."""


class RecordRoom:
    """The records of a running appliance; two workers of the appliance maintain them.

    On a disk that takes no writes they can only be read, until the appliance begins again.
    """

    def __init__(self, settings: Settings, renew: Callable[[], None]) -> None:
        """Opens the records, and compares them with the clips on disk. `renew` begins the appliance again.

        Raises:
            RecordsUnusable, RecordsFull: they cannot be opened.
            PolicyInvalid: the site's policy file cannot be used.
        """
        self._folder, self._renew = settings.data_dir, renew
        with ExitStack() as undo:
            self.store = undo.enter_context(closing(open_readable(settings.data_dir, settings.other_backups)))
            self._only_read = isinstance(self.store, CopiedRecords)
            self.people = PeopleService.of(self.store)
            self.notices = Notices(self.store)
            Claims(self.store).look(self.notices)
            self.settings = SettingsService(settings, self.store)
            clock = clock_guard(self.store, self.notices, self._settings_now)
            self.slots = SlotsService(settings.data, self.store)
            self.keeper = RecordsKeeper(self.store, self.notices, self._settings_now, clock)
            self._audit = AuditKeeper(self.store, clock)
            if not self._only_read:
                self.keeper.reconcile()
            undo.pop_all()

    def _settings_now(self) -> Settings:
        return self.settings.now

    @property
    def problem(self) -> RecordsFull | NoRoom | None:
        """Why the disk does not take what an exam records; the event loop may ask."""
        return self.store.refusal or shortage(self._folder)

    def keep_audit(self, stopping: threading.Event) -> None:
        """Signs the newest audit entry at intervals, until the appliance stops."""
        self._audit.run(stopping)

    def keep_records(self, stopping: threading.Event, also: Callable[[], None]) -> None:
        """Makes backups, and room on the disk, audits the history of the slots, and does `also`, until the appliance stops.

        Of records that can only be read: waits for room.
        """

        def each_time() -> None:
            self.slots.note()
            also()

        if not self._only_read:
            self.keeper.run(stopping, each_time)
            return
        while not stopping.wait(TRY_S):
            if takes_records(self._folder):
                self._renew()
                stopping.wait()

    def finish(self) -> None:
        """Signs the newest audit entry, and makes the last backup."""
        if not self._only_read:
            self._audit.close()
            self.keeper.close()

    def close(self) -> None:
        """Closes the records; nothing can be recorded afterwards."""
        self.store.close()
