"""Frames of the simulated chest. The novelty table includes them, so that a demo works without a patient; others are golden inputs."""

import itertools
from dataclasses import dataclass

import numpy as np

from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.virtual_probe.chest import Chest
from models.lung.pictures import Pictures, pictures_of

B_LINES, DEPTHS_MM, GAINS_DB, SIZES = (0, 1, 3, 6), (90.0, 140.0, 180.0), (48.0, 60.0, 70.0), (200, 350)
SEEDS = (1, 2)
FRAMES = 2
BETWEEN_S = 1.3


@dataclass(frozen=True, slots=True)
class Chests:
    """One clip for each combination of the table above; half of the clips have no scale."""

    side: int

    def pictures(self) -> Pictures:
        every = itertools.product(B_LINES, DEPTHS_MM, GAINS_DB, SIZES, SEEDS)
        chests = [(Chest(lines, depth, gain, size, seed), lines % 2 == seed % 2) for lines, depth, gain, size, seed in every]
        return Pictures.of([pictures_of(_frames(chest, scaled=scaled), FRAMES, self.side) for chest, scaled in chests])

    def golden(self, count: int) -> Pictures:
        """The first frames of `count` other chests."""
        chests = (Chest(number % 5, size=350, seed=100 + number) for number in range(count))
        return Pictures.of([pictures_of(itertools.islice(_frames(chest), 1), 1, self.side) for chest in chests])


def _frames(chest: Chest, *, scaled: bool = True) -> list[Frame]:
    """Frames as a probe sends them (with scale) or as in a video (without scale)."""
    geometry = chest.geometry if scaled else Geometry()
    times = [number * BETWEEN_S for number in range(FRAMES)]
    return [
        Frame(np.ascontiguousarray(chest.image(time)), number, round(time * 1e6), 0, geometry, simulated=True)
        for number, time in enumerate(times)
    ]
