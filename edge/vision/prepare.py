"""From a frame to the network's input: the ONE preprocessing that training and serving share.

A frame is fitted into a square, centred, its sides kept in proportion, the rest black; the square is what a class map covers.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.frame import Grey

INPUT_SCALE, INPUT_ZERO_POINT = 1 / 128, 0
"""Grey 0..255 lies at int8 -128..127 and stands for -1..127/128: preparing costs one exclusive-or, and no grey level is lost."""


def fit_square(pixels: Grey, side: int) -> Grey:
    """Resizes (rows, columns) grey pixels into a (side, side) square, bilinear with antialiasing."""
    rows, columns = pixels.shape
    scale = side / max(rows, columns)
    height, width = max(1, round(rows * scale)), max(1, round(columns * scale))
    resized = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))
    if height == width:
        return resized
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = resized
    return square


def to_tensor(square: Grey) -> NDArray[np.int8]:
    """Grey (side, side) to the network's int8 input, shape (1, side, side, 1)."""
    return (square ^ 0x80).view(np.int8)[np.newaxis, :, :, np.newaxis]


def prepare(pixels: Grey, side: int) -> NDArray[np.int8]:
    """Frame pixels (rows, columns) to the network's int8 input, shape (1, side, side, 1)."""
    return to_tensor(fit_square(pixels, side))
