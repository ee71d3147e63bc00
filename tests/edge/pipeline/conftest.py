"""A source of frames in memory, with the interface of every source."""

import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from edge.inference.admission import admit
from edge.inference.release import BUILT_IN
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss

UNREADABLE = np.zeros((0, 0), np.uint8)


@dataclass
class ListedSource:
    """Gives frames as fast as the loop takes them. A step is a frame's pixels, a number of lost frames, or an error to raise."""

    steps: list
    info: SourceInfo = field(default_factory=lambda: SourceInfo("memory://", "memory", Origin.REPLAY))
    lost: int = 0

    @property
    def losses(self):
        return (SourceLoss("crc", self.lost),) if self.lost else ()

    def frames(self):
        for sequence, step in enumerate(self.steps):
            if isinstance(step, Exception):
                raise step
            if isinstance(step, int):
                self.lost += step
            else:
                yield Frame(step, sequence, sequence * 1000, time.monotonic_ns())

    def apply(self, settings):
        return settings

    def close(self):
        self.steps = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@pytest.fixture(scope="session")
def listed_source():
    return ListedSource


@pytest.fixture(scope="session")
def unreadable():
    return UNREADABLE


@pytest.fixture(scope="session")
def reader():
    return admit(BUILT_IN / "lung-m", 1)


@pytest.fixture(scope="session")
def other_reader():
    """A reader of another release, whose input has another size."""
    return admit(BUILT_IN / "lung-s", 1)


@pytest.fixture(scope="session")
def pixels():
    return np.random.default_rng(2).integers(0, 255, (350, 350), np.uint8)
