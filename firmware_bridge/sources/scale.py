"""The scale that a sender states, as far as it states one."""

import math

MM = {
    **dict.fromkeys(("", "mm", "millimeter", "millimeters", "millimetre", "millimetres"), 1.0),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 10.0),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1000.0),
    **dict.fromkeys(("um", "µm", "μm", "micron", "microns", "micrometer", "micrometers", "micrometre", "micrometres"), 0.001),
}
"""Millimetres; a file that names no unit means millimetres, as ITK does. The scale is unknown in any other unit, such as pixels."""
UNIT_TOLERANCE = 1e-5
"""Lengths of rotated unit vectors in 32-bit numbers differ from 1 by less."""


def stated_scale(across: float, down: float) -> tuple[float, float] | None:
    """(across, down), or None where the sender knows no scale: PLUS, pyigtl and ITK then write 1 for both, some programs 0."""
    unknown = all(math.isclose(length, 1, rel_tol=UNIT_TOLERANCE) for length in (across, down)) or across == down == 0
    return None if unknown else (across, down)


def in_mm(lengths: tuple[float, float], across_unit: str, down_unit: str) -> tuple[float, float] | None:
    """Lengths (across, down) in millimetres; None where they are no scale, or their unit is no unit of length."""
    factors = MM.get(across_unit.strip().lower()), MM.get(down_unit.strip().lower())
    if factors[0] is None or factors[1] is None or stated_scale(*lengths) is None:
        return None
    return lengths[0] * factors[0], lengths[1] * factors[1]
