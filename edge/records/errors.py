"""What can go wrong with what is kept."""

from http import HTTPStatus

from firmware_bridge.errors import Conflict, Damaged, DiskRefuses, InputRefused, NotFound


class RecordsUnusable(Damaged):
    """The records cannot be opened, or were not made by this program."""

    code = "records-unusable"


class RecordsFull(DiskRefuses):
    """The disk refused to take a record; nothing of what was asked is done."""

    code = "records-not-written"


class RecordUnknown(NotFound):
    """There is no such record."""

    code = "record-unknown"


class RecordStale(Conflict):
    """Somebody else has changed it meanwhile."""

    code = "record-stale"
    status = HTTPStatus.PRECONDITION_FAILED


class RecordsInUse(Conflict):
    """The appliance or another verb uses the records, and what was asked needs them alone."""

    code = "records-in-use"


class BackupFailed(DiskRefuses):
    """No backup was made; those that were there before still are."""

    code = "backup-not-made"


class BackupUnusable(Damaged):
    """A backup is damaged, absent, or of another appliance."""

    code = "backup-unusable"


class ExportUnusable(InputRefused):
    """An export of the audit trail cannot be made as asked, or a file is none."""

    code = "export-unusable"


class ClockRight(Conflict):
    """There is nothing to correct, or the clock itself is wrong."""

    code = "clock-not-corrected"
