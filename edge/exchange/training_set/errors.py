"""Errors of a training set: in each case there is no set, and no part of one."""

from firmware_bridge.errors import Conflict, DiskRefuses, InputRefused


class TrainingSetThere(Conflict):
    """The folder exists, or another export writes it."""

    code = "training-set-there"


class TrainingSetEmpty(InputRefused):
    """No labelled clip can be exported."""

    code = "training-set-empty"


class LicenceMissing(InputRefused):
    """Nobody stated a licence."""

    code = "licence-missing"


class TrainingSetNotWritten(DiskRefuses):
    """The disk refuses the set."""

    code = "training-set-not-written"
