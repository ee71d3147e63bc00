"""Numbers as people see them: page, report, command line and API text round here, so that one number looks the same everywhere."""

import math


def whole(value: float) -> int:
    """The nearest whole number; a half goes up."""
    return math.floor(value + 0.5)


def percent(probability: float) -> int:
    """A probability of 0 to 1 in percent. Always give the stored number: rounding a rounded one moves 31.496 % to 32 %."""
    return whole(100 * probability)
