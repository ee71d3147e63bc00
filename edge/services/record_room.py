"""The records of the appliance with the people and the workers that belong to them. Opened first, and closed last."""

import threading
from contextlib import ExitStack, closing

from edge.people.claims import Claims
from edge.records.audit.keeper import AuditKeeper
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.services.people import PeopleService
from edge.services.records_keeper import RecordsKeeper
from edge.settings import Settings


class RecordRoom:
    """The records of a running appliance; two workers of the appliance maintain them."""

    def __init__(self, settings: Settings) -> None:
        """Opens the records, and compares them with the clips on disk.

        Raises:
            RecordsUnusable, RecordsFull: they cannot be opened.
            PolicyInvalid: the site's policy file cannot be used.
        """
        elsewhere = () if settings.backup_dir is None else (settings.backup_dir,)
        with ExitStack() as undo:
            self.store = undo.enter_context(closing(open_records(settings.data_dir, elsewhere)))
            self.people = PeopleService.of(self.store)
            self.notices = Notices(self.store)
            Claims(self.store).look(self.notices)
            self.keeper = RecordsKeeper(self.store, self.notices, settings)
            self._audit = AuditKeeper(self.store, self.notices)
            self.keeper.reconcile()
            undo.pop_all()

    def keep_audit(self, stopping: threading.Event) -> None:
        """Signs the newest audit entry at intervals, until the appliance stops."""
        self._audit.run(stopping)

    def keep_records(self, stopping: threading.Event) -> None:
        """Makes backups, and room on the disk, until the appliance stops."""
        self.keeper.run(stopping)

    def finish(self) -> None:
        """Signs the newest audit entry, and makes the last backup."""
        self._audit.close()
        self.keeper.close()

    def close(self) -> None:
        """Closes the records; nothing can be recorded afterwards."""
        self.store.close()
