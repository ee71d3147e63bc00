"""Errors of the statistics: what a caller gives must be what it states; what is merely missing or rare is a sentence, not an error."""

from firmware_bridge.errors import InputRefused


class CasesRefused(InputRefused):
    """The cases of a statistic are not what they must be."""

    code = "cases-refused"
