"""The mean features of a clip as a short text for its record: base64 of 16-bit floats, some hundred characters."""

import binascii
from base64 import b64decode, b64encode

import numpy as np

from edge.inference.statistics import Numbers

HALF = np.dtype("<f2")
"""Three digits are enough to compare exams; a feature beyond their largest number (65504) becomes infinite, and is not used."""


def packed(features: Numbers) -> str:
    """(features,) as text."""
    with np.errstate(over="ignore"):
        return b64encode(features.astype(HALF).tobytes()).decode()


def unpacked(text: str) -> Numbers | None:
    """(features,); None where the text is empty or damaged, or a feature is not finite."""
    try:
        found = np.frombuffer(b64decode(text, validate=True), HALF).astype(np.float64)
    except (binascii.Error, ValueError):
        return None
    return found if found.size and np.isfinite(found).all() else None
