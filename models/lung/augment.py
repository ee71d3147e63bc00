"""Other hands, other gains: what a frame might have looked like."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.frame import Grey

SHIFT, ZOOM, GAMMA, GAIN, NOISE = 0.06, 0.12, 0.35, 0.15, 6.0
"""Largest shift (of the side), zoom (relative), exponent change (log), gain change (relative) and noise (grey levels)."""


def augmented(square: Grey, rng: np.random.Generator) -> Grey:
    """A random mirror, shift, zoom, gain, gamma and noise of a (side, side) grey square."""
    side = square.shape[0]
    zoom = 1 + rng.uniform(-ZOOM, ZOOM)
    dx, dy = rng.uniform(-SHIFT, SHIFT, 2) * side + (1 - zoom) * side / 2
    mirror = rng.random() < 0.5
    across = (-zoom, 0.0, side - dx) if mirror else (zoom, 0.0, dx)
    moved = Image.fromarray(square).transform((side, side), Image.Transform.AFFINE, (*across, 0.0, zoom, dy), Image.Resampling.BILINEAR)
    grey = (np.asarray(moved, np.float32) / 255) ** np.exp(rng.uniform(-GAMMA, GAMMA)) * 255 * (1 + rng.uniform(-GAIN, GAIN))
    noisy: NDArray[np.float32] = grey + rng.normal(0, NOISE * rng.random(), grey.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)
