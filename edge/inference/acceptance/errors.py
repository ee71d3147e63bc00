"""Errors of a site acceptance."""

from firmware_bridge.errors import Damaged, DiskRefuses, InputRefused, NotFound


class LabelsRefused(InputRefused):
    """The table of labels cannot be used."""

    code = "labels-refused"


class AcceptanceRefused(InputRefused):
    """The figures do not carry an acceptance; nothing is accepted."""

    code = "acceptance-refused"


class AcceptanceUnusable(Damaged):
    """A stored acceptance is damaged, or this appliance did not sign it."""

    code = "acceptance-unusable"


class AcceptanceUnknown(NotFound):
    """There is no such acceptance."""

    code = "acceptance-unknown"


class AcceptanceNotWritten(DiskRefuses):
    """The disk refused the acceptance; nothing is accepted."""

    code = "acceptance-not-written"
