"""Where an echo comes from, by when it comes."""

SOUND_MM_US = 1.54
"""The speed of sound in soft tissue that all machines assume, 1540 m/s."""


def depth_mm(samples: int, rate_mhz: float) -> float:
    """How deep so many samples reach: sound goes there and back."""
    return samples * SOUND_MM_US / 2 / rate_mhz
