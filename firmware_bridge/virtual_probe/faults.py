"""The possible faults of a picture, each at a known strength: the quality reasons are measured against them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from firmware_bridge.frame import Grey

Field = NDArray[np.floating]

RING_MM, RINGS, RING_DECAY_MM = 1.7, 6, 4.0
"""In air the lens of the array rings: bright bands at this distance, weaker each time, and no echo below (in-air quality images)."""
ELEMENT_SHARE = (0.15, 0.7, 0.15)
"""The weights of each element and its two neighbours in a line near the array."""
SUPERFICIAL_MM = 12.0
"""Deeper lines use many elements, so one dead element has almost no effect there."""
HAZE = 0.16
"""The amplitude that full haze adds, relative to full scale."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults; without any by default.

    `air` is the share of the array that is off the skin, from the right edge; `blur_mm` the spread (standard deviation) of a point;
    `sweep_mm_s` the speed of the probe along the skin; `frozen` repeats one image; `haze` (0 to 1) fills dark areas;
    `text` is burned into the image; `foreign` shows a room instead of a chest; `dead` elements are silent, and all others are too weak
    by `loss_db`.
    """

    air: float = 0.0
    blur_mm: float = 0.0
    sweep_mm_s: float = 0.0
    frozen: bool = False
    haze: float = 0.0
    text: str = ""
    foreign: bool = False
    dead: tuple[int, ...] = ()
    loss_db: float = 0.0

    def echo(self, echo: Field, depth: Field, line_mm: float, noise: Field) -> Field:
        """The remaining amplitudes (lines, samples) at `depth` (1, samples) mm, lines `line_mm` apart; haze has the pattern of `noise`."""
        lines = echo.shape[0]
        if self.air:
            off_skin = (np.arange(lines)[:, None] + 0.5) / lines > 1 - self.air
            echo = np.where(off_skin, _ringing(depth), echo)
        if self.blur_mm:
            echo = _blurred(echo, self.blur_mm / line_mm, self.blur_mm / float(depth[0, 1] - depth[0, 0]))
        if self.haze:
            echo = echo + self.haze * HAZE * noise
        if self.dead:
            missing = np.zeros(lines)
            missing[list(self.dead)] = 1
            share = np.convolve(missing, ELEMENT_SHARE, "same")[:, None]
            echo = echo * (1 - share * (0.2 + 0.8 * np.exp(-((depth / SUPERFICIAL_MM) ** 2))))
        return np.asarray(echo * 10 ** (-self.loss_db / 20))

    def picture(self, pixels: Grey) -> Grey:
        """The image (rows, columns) as a machine exports it."""
        if self.foreign:
            pixels = _room(pixels.shape)
        if not self.text:
            return pixels
        image = Image.fromarray(pixels)
        rows, columns = pixels.shape
        ImageDraw.Draw(image).text((columns * 0.4, rows * 0.5), self.text, fill=255, font_size=max(10, rows // 16))
        return np.array(image)


def _ringing(depth: Field) -> Field:
    bands = np.sum([np.exp(-(((depth - n * RING_MM) / 0.35) ** 2)) for n in range(RINGS)], axis=0)
    return np.asarray(0.9 * bands * np.exp(-depth / RING_DECAY_MM))


def _blurred(echo: Field, across: float, down: float) -> Field:
    """Blurs with a Gaussian of this many lines and samples."""
    lines, samples = echo.shape
    echo = np.concatenate([echo, echo[:, ::-1]], axis=1)  # seamless, so that the skin does not appear at the bottom
    samples *= 2
    low_pass = np.exp(-2 * (np.pi * across * np.fft.fftfreq(lines)[:, None]) ** 2 - 2 * (np.pi * down * np.fft.rfftfreq(samples)) ** 2)
    return np.asarray(np.fft.irfft2(np.fft.rfft2(echo) * low_pass, s=echo.shape)[:, : samples // 2])


@lru_cache(maxsize=2)
def _room(shape: tuple[int, int]) -> Grey:
    """The picture of a camera: bright, evenly lit surfaces with straight borders."""
    rows, columns = shape
    y, x = np.mgrid[:rows, :columns] / max(shape)
    room = 150 + 60 * y - 40 * x
    for left, top, wide, high, grey in ((0.08, 0.1, 0.3, 0.35, 225), (0.45, 0.3, 0.4, 0.5, 90), (0.6, 0.05, 0.2, 0.2, 190)):
        room = np.where((x > left) & (x < left + wide) & (y > top) & (y < top + high), grey + 30 * np.sin(9 * x), room)
    return np.asarray(np.clip(room, 0, 255), np.uint8)
