"""The depth of an echo from its time."""

SOUND_MM_US = 1.54
"""The speed of sound in soft tissue that all machines assume, 1540 m/s."""


def depth_mm(samples: int, rate_mhz: float) -> float:
    """The depth that this many samples reach: sound travels there and back."""
    return samples * SOUND_MM_US / 2 / rate_mhz
