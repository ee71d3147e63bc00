"""Envelope amplitudes to grey: logarithmic, because echoes span far more than 255 steps."""

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame import Grey


def to_grey(lines: "NDArray[np.int16] | NDArray[np.floating]", dynamic_range_db: float, full_scale: float = 32767.0) -> Grey:
    """Maps amplitudes (lines, samples) to 0..255: `full_scale` is white, `dynamic_range_db` below it is black."""
    amplitude = np.maximum(np.abs(lines.astype(np.float32)), 1e-6)
    grey = 255 * (1 + 20 * np.log10(amplitude / full_scale) / dynamic_range_db)
    return np.clip(grey + 0.5, 0, 255).astype(np.uint8)
