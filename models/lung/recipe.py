"""Everything that decides a training run."""

from dataclasses import dataclass

SIDE = 224
"""Pixels along each side of the network's square input."""

FROZEN_BLOCKS = 5
"""Blocks kept as ImageNet left them; what they put out is (40, side/8, side/8)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Figures of one training run; `versions` counts the plain frame and its augmented copies."""

    frames_per_clip: int = 8
    versions: int = 3
    epochs: int = 8
    samples_per_clip: int = 5
    batch: int = 32
    peak_rate: float = 6e-4
    weight_decay: float = 0.02
    smoothing: float = 0.05
    seed: int = 7
