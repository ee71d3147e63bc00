"""From a transducer's signal to the strength of each echo: the envelope of RF or IQ lines, and gain by depth.

Lines are (lines, samples); an envelope is float32 in the same unit as the samples.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16] | NDArray[np.float32]
Envelope = NDArray[np.float32]


def of_rf(lines: Samples) -> Envelope:
    """The magnitude of the analytic signal: a real line whose negative frequencies are removed and whose other frequencies are doubled.

    The mean of each line is subtracted first: it is an offset of the converter, not an echo.
    """
    samples = lines.shape[1]
    spectrum = np.fft.rfft(lines - lines.mean(axis=1, keepdims=True), axis=1)
    whole = np.zeros((len(lines), samples), complex)
    whole[:, : spectrum.shape[1]] = 2 * spectrum
    whole[:, 0] /= 2
    if samples % 2 == 0:
        whole[:, samples // 2] /= 2
    return np.asarray(np.abs(np.fft.ifft(whole, axis=1)), np.float32)


def of_iq(lines: Samples) -> Envelope:
    """The magnitude of I, Q, I, Q, ... along each line; the result is half as long."""
    return np.hypot(lines[:, 0::2].astype(np.float32), lines[:, 1::2].astype(np.float32))


def of_iq_lines(lines: Samples) -> Envelope:
    """The magnitude of lines of I, each followed by its line of Q; the result has half as many lines."""
    return np.hypot(lines[0::2].astype(np.float32), lines[1::2].astype(np.float32))


def with_tgc(envelope: Envelope, curve_db: NDArray[np.floating]) -> Envelope:
    """Amplifies by depth: the points of `curve_db` are spread evenly from the first sample to the last, with interpolation between them.

    Raises:
        ValueError: the curve is empty or not finite.
    """
    if curve_db.ndim != 1 or not len(curve_db) or not np.isfinite(curve_db).all():
        raise ValueError("a gain curve needs finite decibels, one or more")
    samples = envelope.shape[1]
    at = np.linspace(0, len(curve_db) - 1, samples)
    gain = 10 ** (np.interp(at, np.arange(len(curve_db)), curve_db) / 20)
    return np.asarray(envelope * gain, np.float32)
