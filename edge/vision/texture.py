"""Texture: how the grey of a picture varies, by size, by direction and by depth.

It comes from the scanner and its export more than from the patient.
"""

import numpy as np
from numpy.typing import NDArray

from edge.vision.field import cut_out, field_of
from edge.vision.level import levelled
from edge.vision.region import Region
from firmware_bridge.frame import Geometry, Grey

Values = NDArray[np.float64]

SIDE = 160
"""Of the measured picture, in pixels: whatever the network takes, the textures of all releases compare."""
RINGS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
"""Limits of spatial frequency, in cycles per pixel."""
DEPTHS = 4
"""Bands of equal depth. Below `BLACK` a pixel shows no echo."""
BLACK = 3
FEATURES = 2 * (len(RINGS) - 1) + 1 + 5 * DEPTHS


def texture(picture: Grey) -> Values:
    """(SIDE, SIDE) grey to (FEATURES,).

    First the logarithm of the power at each of `RINGS`, along the beams and across them, less their mean; then that mean. Then, for each
    band of depth: the logarithms of the deviation of steps across and down, the mean in quarters of full scale, the logarithm of the
    deviation, and the share that is black.
    """
    grey = picture.astype(np.float64)
    powers = _powers(grey)
    level = powers.mean()
    return np.concatenate([powers - level, [level], *map(_of_band, np.split(grey, DEPTHS))])


def picture_of(pixels: Grey, region: Region) -> Grey:
    """All of the ultrasound in a frame at the common level, as `texture` measures it: whether or not the source states a scale."""
    return levelled(cut_out(pixels, field_of(Geometry(), region), SIDE))


def _powers(grey: Values) -> Values:
    spectrum = np.fft.rfft2((grey - grey.mean()) * _WINDOW)
    power = spectrum.real**2 + spectrum.imag**2
    sums = np.bincount(_BINS, weights=power.ravel(), minlength=len(_COUNTS))
    return np.asarray(np.log(sums[:-1] / _COUNTS[:-1] + 1), np.float64)


def _of_band(band: Values) -> Values:
    across, down = np.diff(band, axis=1).std(), np.diff(band, axis=0).std()
    return np.array([np.log(across + 1), np.log(down + 1), band.mean() / 64, np.log(band.std() + 1), (band < BLACK).mean()])


def _bins() -> NDArray[np.intp]:
    """The bin of each value of the half spectrum; the last bin is for those outside the rings."""
    down, across = np.fft.fftfreq(SIDE)[:, np.newaxis], np.fft.rfftfreq(SIDE)[np.newaxis]
    ring = np.digitize(np.hypot(down, across), RINGS) - 1
    inside = (ring >= 0) & (ring < len(RINGS) - 1)
    return np.where(inside, 2 * ring + (np.abs(down) > np.abs(across)), 2 * (len(RINGS) - 1)).ravel()


_WINDOW = np.outer(np.hanning(SIDE), np.hanning(SIDE))
_BINS = _bins()
_COUNTS = np.bincount(_BINS)
