"""The result of every file format: pictures in time, before a source numbers them and makes them frames."""

import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import AcquisitionSettings, Geometry, Grey
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine

UNTIMED_US = 40_000
"""Microseconds from one picture to the next in a file without times."""

Lose = Callable[[str, int], None]
"""Receives the cause and the number of frames in a file that could not be decoded."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """8-bit grey pixels (rows, columns), `at_us` microseconds after the recording's first picture, shown for `lasts_us`.

    `geometry`, `settings` and `machine` are those of this picture, if they differ from the recording's own.
    """

    pixels: Grey
    at_us: int
    lasts_us: int = UNTIMED_US
    geometry: Geometry | None = None
    settings: AcquisitionSettings | None = None
    simulated: bool = False
    machine: Machine | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """An open file. `pictures` decodes it from its beginning at each call; `frames` is the number that the file announces."""

    pictures: Callable[[Lose], Generator[Picture, None, None]]
    frames: int | None = None
    geometry: Geometry = field(default_factory=Geometry)
    settings: AcquisitionSettings = field(default_factory=AcquisitionSettings)
    device: str = ""
    firmware: str = ""
    serial_number: str = ""
    simulated: bool = False
    machine: Machine = UNKNOWN_MACHINE


def unreadable(path: Path, why: str, fix: str = "Copy the file again from the machine that made it") -> SourceUnreadable:
    """The error for a file that exists but cannot be read."""
    return SourceUnreadable(f"{path}: {why}", fix)


@contextmanager
def no_warnings() -> Iterator[None]:
    """Libraries warn of odd tags that we do not use and of faults that they correct: a clinician cannot act on these warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
