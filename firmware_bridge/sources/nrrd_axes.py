"""The fields of an NRRD header that have one value an axis: sizes, kinds, directions or spacings, labels and units.

Source: the definition of the NRRD file format, sections 4 and 6 (teem.sourceforge.net/nrrd/format.html).
"""

import math
import re
from collections.abc import Mapping

from firmware_bridge.sources.axes import COLOURS, SPACE_KINDS, Axes, AxesUnclear, axes_of
from firmware_bridge.sources.plus import even_us, forward_us
from firmware_bridge.sources.scale import in_mm

DIRECTION = re.compile(r"none|\([^()]*\)")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "µs", "μs", "microsecond", "microseconds"), 1e-6),
}
DIGITS = 10


def read_axes(header: Mapping[str, str]) -> Axes:
    """The axes by their kinds. An axis of no kind that has no direction in space is colour if it is the first one, else time.

    Raises:
        AxesUnclear: see `axes_of`; or the fields disagree on the number of axes.
    """
    words = header.get("sizes", "").split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < DIGITS for word in words):
        raise AxesUnclear(f"the sizes of its axes are {header.get('sizes')!r}")
    if header.get("dimension") != str(len(words)):
        raise AxesUnclear(f"its description contradicts itself: dimension {header.get('dimension')} with sizes {header.get('sizes')}")
    sizes = [int(word) for word in words]
    kinds, directions = header.get("kinds", "").split(), _directions(header)
    if directions and len(directions) != len(sizes):
        raise AxesUnclear(f"its description contradicts itself: {len(directions)} space directions for {len(sizes)} axes")
    if directions and len(kinds) in (0, len(sizes)):
        kinds = [_kind(at, size, kinds[at] if kinds else "none", directions[at]) for at, size in enumerate(sizes)]
    return axes_of(sizes, kinds)


def _kind(at: int, size: int, kind: str, direction: str) -> str:
    if kind.lower() not in SPACE_KINDS - {"domain", "space"} or direction != "none":
        return kind
    return "vector" if at == 0 and size in COLOURS else "list"


def _directions(header: Mapping[str, str]) -> list[str]:
    """A vector or "none" an axis; pynrrd writes vectors of nan for none."""
    found = DIRECTION.findall(header.get("space directions", "").lower())
    return ["none" if set(word.strip("() ").replace(" ", "").split(",")) == {"nan"} else word for word in found]


def scale_of(header: Mapping[str, str], axes: Axes) -> tuple[float, float] | None:
    """Millimetres across and down: the lengths of the space directions, or the spacings; None where the file does not know them.

    Raises:
        AxesUnclear: a spacing is not a number.
    """
    places = (axes.columns, axes.rows)
    try:
        if directions := _directions(header):
            units = [*QUOTED.findall(header.get("space units", "")), ""][:1] * len(axes.sizes)
            lengths = [math.nan if word == "none" else math.hypot(*map(float, word.strip("()").split(","))) for word in directions]
        else:
            units = QUOTED.findall(header.get("units", ""))
            lengths = [float(word) for word in header.get("spacings", "").split()]
    except ValueError as error:
        raise AxesUnclear("its spacing is not a number") from error
    if len(lengths) != len(axes.sizes) or all(math.isnan(lengths[at]) for at in places):
        return None
    across, down = (lengths[at] for at in places)
    return in_mm((across, down), *(units[at] if at < len(units) else "" for at in places))


def times_of(header: Mapping[str, str], axes: Axes) -> tuple[int, ...]:
    """Microseconds of each frame after the first; empty if the file has none.

    They are the index values that 3D Slicer writes, or go on by the spacing of an axis with a unit of time. An index that is not called
    time, and has no unit of time, is a number of the frame.
    """
    at = axes.frames
    if at is None:
        return ()
    labels, units = (QUOTED.findall(header.get(field, "")) for field in ("labels", "units"))
    unit = units[at].strip().lower() if at < len(units) else ""
    unit_s, index = SECONDS.get(unit), header.get(f"axis {at} index values", "").split()
    if unit_s is not None and not index:
        return even_us(header.get("spacings", "").split()[at : at + 1], axes.sizes[at], unit_s)
    if unit_s is None and not unit and at < len(labels) and labels[at].strip().lower().startswith("time"):
        unit_s = 1.0
    if unit_s is None:
        return ()
    return forward_us(index, axes.sizes[at], unit_s)
