"""Errors of the drift watch."""

from firmware_bridge.errors import InputRefused


class ReferenceRefused(InputRefused):
    """The reference exams of a release cannot be used."""

    code = "drift-reference-refused"


class SignalsRefused(InputRefused):
    """The signals of an exam do not fit the reference."""

    code = "drift-signals-refused"
