"""One level of grey from every gain: a picture is made brighter or darker until its chest wall has the common brightness.

Grey is the logarithm of an echo. So a change of gain in decibels is the same change of grey everywhere in the picture.
"""

import numpy as np

from firmware_bridge.frame import Grey

WALL_ROWS, WALL_COLUMNS = (0.09, 0.36), (0.27, 0.73)
"""Where a field shows the chest wall, as shares of its sides: near the array, away from the black corners next to a fan."""
WALL_LEVEL = 80.0
"""Mean grey of the wall afterwards; that of COVID-BLUES clips is 66 (5th and 95th percentile 45 and 81)."""
DARKER, BRIGHTER = 120.0, 48.0
"""The largest change, in grey levels: an array in air must not be made to look like a chest."""
BLACK = 16.0
"""Echoes below this level are changed in proportion, so that black stays black."""
GREYS = np.arange(256)
SHARES = np.minimum(1, GREYS / BLACK)
"""The share of the change that each grey level gets."""


def levelled(square: Grey) -> Grey:
    """A (side, side) grey field at the common level; a field without a wall stays unchanged."""
    side = square.shape[0]
    (top, bottom), (left, right) = ((round(low * side), round(high * side)) for low, high in (WALL_ROWS, WALL_COLUMNS))
    wall = square[top:bottom, left:right]
    lit = int(np.count_nonzero(wall))
    if not lit:
        return square
    change = min(BRIGHTER, max(-DARKER, WALL_LEVEL - int(wall.sum(dtype=np.uint32)) / lit))
    table = np.clip(GREYS + change * SHARES, 0, 255).astype(np.uint8)
    looked_up = bytearray(square).translate(table.tobytes())  # faster than an index of numpy, which needs 8 bytes for each pixel
    return np.frombuffer(looked_up, np.uint8).reshape(square.shape)
