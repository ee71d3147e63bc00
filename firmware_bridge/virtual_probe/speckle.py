"""Fully developed speckle: the magnitude of smoothed complex noise (Wagner et al., IEEE Trans. Sonics Ultrason. 1983)."""

import numpy as np
from numpy.typing import NDArray


def speckle(rng: np.random.Generator, lines: int, samples: int, lateral: float = 1.4, axial: float = 1.8) -> NDArray[np.float32]:
    """Rayleigh amplitudes (lines, samples) with mean 1, correlated over `lateral` lines and `axial` samples, seamless at the edges."""
    noise = rng.normal(size=(lines, samples)) + 1j * rng.normal(size=(lines, samples))
    low_pass = np.exp(-2 * (np.pi * lateral * np.fft.fftfreq(lines)[:, None]) ** 2 - 2 * (np.pi * axial * np.fft.fftfreq(samples)) ** 2)
    amplitude = np.abs(np.fft.ifft2(np.fft.fft2(noise) * low_pass))
    relative: NDArray[np.float32] = (amplitude / amplitude.mean()).astype(np.float32)
    return relative
