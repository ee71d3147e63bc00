"""Errors of the ledger of model changes."""

from firmware_bridge.errors import Conflict, Damaged, InputRefused


class LedgerIncomplete(Conflict):
    """The release has no complete entry, so it is not put into clinical use."""

    code = "ledger-incomplete"


class LedgerRefused(InputRefused):
    """The entry cannot be signed as it was given; nothing was added."""

    code = "ledger-refused"


class BuiltInUnusable(Damaged):
    """The entries that came with the program cannot be read."""

    code = "built-in-entries-unusable"
