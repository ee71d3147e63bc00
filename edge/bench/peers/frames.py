"""The frames that every engine reads: a clip of the simulated chest."""

import numpy as np

from edge.bench.peers.job import Pixels
from firmware_bridge.virtual_probe.chest import BREATH_S, Chest

SIDE, FRAMES = 350, 16
CHEST = Chest(None, size=SIDE)


def clip() -> Pixels:
    """(FRAMES, SIDE, SIDE) grey, over one breath."""
    return np.stack([CHEST.image(number * BREATH_S / FRAMES) for number in range(FRAMES)])
