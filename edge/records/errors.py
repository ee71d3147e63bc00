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
