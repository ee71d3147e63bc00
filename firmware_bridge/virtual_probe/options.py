"""The options of the simulated chest, in one table: the same names in a source's URL and on the command line."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firmware_bridge.virtual_probe.chest import DEPTHS_MM, GAINS_DB, PRESETS
from firmware_bridge.virtual_probe.tissue import LINES

Value = float | int | bool | str | tuple[int, ...]

LONGEST_TEXT, MOST_B_LINES = 100, 8
YES, NO = ("1", "true", "yes", ""), ("0", "false", "no")
RUN = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the chest: the function that reads its value, and its effect."""

    read: Callable[[str], Value]
    help: str


def _number(low: float, high: float, unit: str = "") -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"'{text}' is not a number") from None
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(f"{text} is not from {low:g} to {high:g}{unit and ' ' + unit}")
        return value

    return read


def _count(low: int, high: int) -> Callable[[str], int]:
    number = _number(low, high)

    def read(text: str) -> int:
        value = number(text)
        if value != int(value):
            raise ValueError(f"{text} is not a whole number")
        return int(value)

    return read


def yes_or_no(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError(f"'{text}' is neither yes nor no")
    return text.lower() in YES


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise ValueError(f"the text is not one line of at most {LONGEST_TEXT} characters")
    return text


def _preset(text: str) -> str:
    if text not in PRESETS:
        raise ValueError(f"'{text}' is none of {', '.join(PRESETS)}")
    return text


def elements(text: str) -> tuple[int, ...]:
    """`3,40-41` as (3, 40, 41).

    Raises:
        ValueError: the text has another form, or names an element that the array does not have.
    """
    found: set[int] = set()
    for part in text.split(","):
        run = RUN.fullmatch(part.strip())
        if run is None:
            raise ValueError(f"'{part}' is neither an element nor a run of them such as 40-41")
        first, last = int(run[1]), int(run[2] or run[1])
        if not first <= last < LINES:
            raise ValueError(f"{part} is not within the elements 0 to {LINES - 1}, or runs backwards")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


PICTURE: Mapping[str, Option] = {
    "b_lines": Option(_count(0, MOST_B_LINES), "the number of B-lines; without it the number changes with time"),
    "depth_mm": Option(_number(*DEPTHS_MM, "mm"), "the depth of the image"),
    "gain_db": Option(_number(*GAINS_DB, "dB"), "gain"),
    "size": Option(_count(16, 4096), "side of the image in pixels"),
    "seed": Option(_count(0, 2**32 - 1), "the number of the simulated patient"),
    "preset": Option(_preset, f"one of {', '.join(PRESETS)}"),
}
"""Fields of `Chest`."""

FAULTS: Mapping[str, Option] = {
    "air": Option(_number(0, 1), "share of the array that is off the skin, from the right edge"),
    "blur_mm": Option(_number(0, 20, "mm"), "spread of a point"),
    "sweep_mm_s": Option(_number(-500, 500, "mm a second"), "the speed of the probe along the skin"),
    "frozen": Option(yes_or_no, "one image, repeated"),
    "haze": Option(_number(0, 1), "haze in dark areas"),
    "text": Option(_text, "letters burned into the image"),
    "foreign": Option(yes_or_no, "a room instead of a chest"),
    "dead": Option(elements, "silent elements, such as 3,40-41"),
    "loss_db": Option(_number(0, 60, "dB"), "the loss of all other elements"),
}
"""Fields of `Faults`."""

PLAYING: Mapping[str, Option] = {
    "fps": Option(_number(0, 1000), "frames a second; 0: as fast as the host reads them"),
    "rendered": Option(_count(0, 1000), "the number of frames that are drawn in advance and then repeated"),
    "stay_s": Option(
        _number(0, 3600, "s"), "seconds on each place; then the probe is lifted and put on the next; 0: it stays on the first"
    ),
    "fixed": Option(yes_or_no, "refuse settings from the host"),
}

OPTIONS: Mapping[str, Option] = {**PICTURE, **FAULTS, **PLAYING}
