"""What stays of a simulated patient when the settings of the probe change: the speckle of the tissue."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.virtual_probe.speckle import speckle

LINES, DEEPEST = 128, 1024
"""Beam lines, and the samples along each, for the deepest setting."""
KEPT = 4
"""How many patients stay drawn: a change of the settings must not draw the same one again."""


@dataclass(frozen=True, slots=True, eq=False)
class Tissue:
    """Speckle of the lung and of the wall (LINES, DEEPEST), and the texture along the pleura (LINES, 1). Shared: read only."""

    lung: NDArray[np.float32]
    wall: NDArray[np.float32]
    pleura: NDArray[np.float32]


@lru_cache(KEPT)
def tissue(seed: int) -> Tissue:
    """The tissue of the patient with this seed."""
    rng = np.random.default_rng(seed)
    lung, wall = speckle(rng, LINES, DEEPEST), speckle(rng, LINES, DEEPEST)
    pleura = speckle(rng, LINES, 8, lateral=2.0)[:, :1] * np.float32(0.3) + np.float32(0.7)
    for part in (lung, wall, pleura):
        part.setflags(write=False)
    return Tissue(lung, wall, pleura)
