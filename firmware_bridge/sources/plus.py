"""The fields that PLUS adds to MetaImage and NRRD files: how the image lies, what its samples are, and each frame's time and status.

The names are those of IGSIO's writers of MetaImage and NRRD sequences.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firmware_bridge.sources.upright import Turn

LINES = {"RF_REAL": "rf", "RF_IQ_LINE": "iq", "RF_I_LINE_Q_LINE": "iq-lines"}
TURNS: Mapping[str, Turn] = {
    "MF": (),
    "UF": ("left-right",),
    "MN": ("up-down",),
    "UN": ("left-right", "up-down"),
    "FM": ("transpose",),
    "FU": ("transpose", "left-right"),
    "NM": ("transpose", "up-down"),
    "NU": ("transpose", "left-right", "up-down"),
}
"""The first two letters of the orientation are the directions of the first and the second axis (marked or unmarked side, far or near).
They map to the turns that put the picture upright: far down, the marked side right."""
FRAME_FIELD = re.compile(r"seq_frame(\d{1,7})_(timestamp|status|imagestatus)", re.IGNORECASE)
VALID = "OK"
STEP_LIMIT_S = 1e6


@dataclass(frozen=True, slots=True)
class PlusFields:
    """`lines` and `turn` as `Grid` has them; `invalid` are the numbers of the frames that are no images.

    `times_us` are the times of the other frames after the first of them; empty if not each one has a time, or time goes back.
    """

    lines: str | None
    turn: Turn
    invalid: frozenset[int]
    times_us: tuple[int, ...]


def read_plus(fields: Mapping[str, str], orientation: str, kind: str, frames: int) -> PlusFields:
    """Reads the fields of all frames; `orientation` and `kind` are the file's own words for them, empty if it has none."""
    lines = LINES.get(kind.upper())
    turn = TURNS.get((orientation or ("FM" if lines else "MF"))[:2].upper(), ())
    times, invalid = {}, set()
    for key, value in fields.items():
        match = FRAME_FIELD.fullmatch(key)
        if match is None or int(match[1]) >= frames:
            continue
        if match[2].lower() == "timestamp":
            times[int(match[1])] = value
        elif value.upper() != VALID:
            invalid.add(int(match[1]))
    shown = [times[number] for number in sorted(times) if number not in invalid]
    return PlusFields(lines, turn, frozenset(invalid), forward_us(shown, frames - len(invalid)))


def even_us(step: Sequence[str], count: int, unit_s: float) -> tuple[int, ...]:
    """Microseconds of `count` frames that follow each other by one `step`; none if it is absent or no time."""
    try:
        step_us = float(step[0]) * unit_s * 1e6 if step else 0
    except ValueError:
        return ()
    return tuple(round(number * step_us) for number in range(count)) if 1 <= step_us <= STEP_LIMIT_S * 1e6 else ()


def forward_us(seconds: Sequence[str], count: int, unit_s: float = 1.0) -> tuple[int, ...]:
    """Microseconds after the first of `count` times; none if there are more or fewer, or if they do not go forward."""
    try:
        found = np.asarray([float(word) for word in seconds]) * unit_s
    except ValueError:
        return ()
    steps = np.diff(found)
    if len(found) != count or not np.isfinite(found).all() or not (steps > 0).all() or not (steps < STEP_LIMIT_S).all():
        return ()
    return tuple(round(float(second - found[0]) * 1e6) for second in found)
