"""What can go wrong with what is kept."""

from firmware_bridge.errors import SonoEdgeError


class RecordsUnusable(SonoEdgeError):
    """The records cannot be opened, or were not made by this program."""

    code = "records-unusable"


class RecordsFull(SonoEdgeError):
    """The disk refused to take a record; nothing of what was asked is done."""

    code = "records-not-written"


class RecordUnknown(SonoEdgeError):
    """There is no such record."""

    code = "record-unknown"


class RecordStale(SonoEdgeError):
    """Somebody else has changed it meanwhile."""

    code = "record-stale"


class RecordsInUse(SonoEdgeError):
    """The appliance or another verb uses the records, and what was asked needs them alone."""

    code = "records-in-use"


class BackupFailed(SonoEdgeError):
    """No backup was made; those that were there before still are."""

    code = "backup-not-made"


class BackupUnusable(SonoEdgeError):
    """A backup is damaged, absent, or of another appliance."""

    code = "backup-unusable"


class ExportUnusable(SonoEdgeError):
    """An export of the audit trail cannot be made as asked, or a file is none."""

    code = "export-unusable"


class ClockRight(SonoEdgeError):
    """There is nothing to correct, or the clock itself is wrong."""

    code = "clock-not-corrected"
