"""From a picture to the network's input."""

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Grey

INPUT_SCALE, INPUT_ZERO_POINT = 1 / 128, 0
"""Grey 0..255 becomes int8 -128..127 and stands for -1..127/128: one exclusive-or, and no grey level is lost."""


def to_tensor(square: Grey) -> NDArray[np.int8]:
    """A grey picture (side, side) to the network's int8 input, shape (1, side, side, 1)."""
    return (square ^ 0x80).view(np.int8)[np.newaxis, :, :, np.newaxis]
