"""The scale that a sender states, as far as it states one."""

import math

UNIT_TOLERANCE = 1e-5
"""Lengths of rotated unit vectors in 32-bit numbers differ from 1 by less."""


def stated_scale(across: float, down: float) -> tuple[float, float] | None:
    """(across, down), or None where the sender knows no scale: PLUS, pyigtl and ITK then write 1 for both, some programs 0."""
    unknown = all(math.isclose(length, 1, rel_tol=UNIT_TOLERANCE) for length in (across, down)) or across == down == 0
    return None if unknown else (across, down)
