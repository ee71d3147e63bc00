"""Errors of the records."""

from http import HTTPStatus

from firmware_bridge.errors import Conflict, Damaged, DiskRefuses, InputRefused, NotFound


class RecordsUnusable(Damaged):
    """The records cannot be opened, or another program made them."""

    code = "records-unusable"
    says_code = "records_unusable"


class RecordsFull(DiskRefuses):
    """The disk refused to take a record; nothing of the request was done."""

    code = "records-not-written"
    says_code = "records_full"


class RecordsGone(RecordsFull):
    """The open files of the records are no longer at their paths: nobody would find what is written into them."""

    code = "records-gone"
    says_code = "records_gone"


class RecordUnknown(NotFound):
    """There is no such record."""

    code = "record-unknown"
    says_code = "record_unknown"


class RecordStale(Conflict):
    """Another person has changed it in the meantime."""

    code = "record-stale"
    says_code = "record_stale"
    status = HTTPStatus.PRECONDITION_FAILED


class RecordsInUse(Conflict):
    """The appliance or another command uses the records, and this request needs them alone."""

    code = "records-in-use"


class ApplianceRuns(Conflict):
    """Another appliance uses the data folder: a folder has one appliance, and as many commands as needed."""

    code = "appliance-runs"


class WrongUser(Conflict):
    """Root works in a folder that belongs to another user: its files would then be root's, and its links would lead root anywhere."""

    code = "wrong-user"


class BackupFailed(DiskRefuses):
    """No backup was made; earlier backups are still there."""

    code = "backup-not-made"
    says_code = "backup_not_made"


class BackupUnusable(Damaged):
    """A backup is damaged, absent, or from another appliance."""

    code = "backup-unusable"


class ExportUnusable(InputRefused):
    """The requested export of the audit trail is not possible, or a file is not an export."""

    code = "export-unusable"


class ClockRight(Conflict):
    """There is nothing to correct, or the clock itself is wrong."""

    code = "clock-not-corrected"
