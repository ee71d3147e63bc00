"""What the simulated chest can be told, in one table: the same words in a source's URL and on the command line."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firmware_bridge.virtual_probe.chest import DEPTHS_MM, GAINS_DB, LINES, PRESETS

Value = float | int | bool | str | tuple[int, ...]

LONGEST_TEXT, MOST_B_LINES = 100, 8
YES, NO = ("1", "true", "yes", ""), ("0", "false", "no")
RUN = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class Option:
    """One word that the chest knows: how its value is read, and what it does."""

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
        ValueError: it is not written so, or names an element that the array has not.
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
    "b_lines": Option(_count(0, MOST_B_LINES), "so many B-lines; without it their number changes with time"),
    "depth_mm": Option(_number(*DEPTHS_MM, "mm"), "depth that is shown"),
    "gain_db": Option(_number(*GAINS_DB, "dB"), "gain"),
    "size": Option(_count(16, 4096), "side of the image in pixels"),
    "seed": Option(_count(0, 2**32 - 1), "another seed, another patient"),
    "preset": Option(_preset, f"one of {', '.join(PRESETS)}"),
}
"""Fields of `Chest`."""

FAULTS: Mapping[str, Option] = {
    "air": Option(_number(0, 1), "share of the array that is off the skin, from the right edge"),
    "blur_mm": Option(_number(0, 20, "mm"), "spread of a point"),
    "sweep_mm_s": Option(_number(-500, 500, "mm a second"), "how fast the probe is pushed along"),
    "frozen": Option(yes_or_no, "one image again and again"),
    "haze": Option(_number(0, 1), "fills what should be dark"),
    "text": Option(_text, "letters burned into the image"),
    "foreign": Option(yes_or_no, "a room instead of a chest"),
    "dead": Option(elements, "silent elements, such as 3,40-41"),
    "loss_db": Option(_number(0, 60, "dB"), "so much too weak"),
}
"""Fields of `Faults`."""

PLAYING: Mapping[str, Option] = {
    "fps": Option(_number(0, 1000), "frames a second; 0: as fast as the host takes them"),
    "rendered": Option(_count(0, 1000), "draw so many frames beforehand and play them round and round"),
    "fixed": Option(yes_or_no, "refuse to be set by the host"),
}

OPTIONS: Mapping[str, Option] = {**PICTURE, **FAULTS, **PLAYING}
