"""Does the same tissue give the same reading on two machines? One simulated chest at two depths, two gains and two pixel sizes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from edge.inference.choice import choose
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN
from edge.inference.shelf import family
from edge.vision.field import Field, cut_out
from edge.vision.standardise import Standardised
from firmware_bridge.frame import Frame
from firmware_bridge.virtual_probe.chest import Chest

DEPTHS_MM, GAINS_DB, SIZES = (120.0, 160.0), (56.0, 64.0), (350, 560)
B_LINES, SEEDS = (0, 1, 3, 6), (1, 2)
FRAMES, RATE = 12, 4.0
"""Frames per clip, and frames per second: they cover most of a breath."""


@dataclass(frozen=True, slots=True)
class Change:
    """The largest difference of a finding's probability for a clip between two machines, with and without standardisation."""

    standardised: float
    raw: float


def measure() -> Change:
    """Reads every chest as every machine shows it, with the built-in release that is fast enough for this board.

    Raises:
        ModelUnusable, RuntimeAbsent: the model cannot be used.
    """
    reader = choose(family(BUILT_IN), threads=1).reader
    changes = [_changes(reader, b_lines, seed) for b_lines, seed in product(B_LINES, SEEDS)]
    standardised, raw = np.max(changes, axis=0)
    return Change(float(standardised), float(raw))


def _changes(reader: Reader, b_lines: int, seed: int) -> tuple[float, float]:
    machines = [Chest(b_lines, depth, gain, size, seed) for depth, gain, size in product(DEPTHS_MM, GAINS_DB, SIZES)]
    seen = [list(_seen(reader, machine)) for machine in machines]
    standardised = np.array([_probabilities(reader, clip) for clip in seen])
    raw = np.array([_probabilities(reader, [_raw(one, reader.release.input_side) for one in clip]) for clip in seen])
    return float(np.ptp(standardised, axis=0).max()), float(np.ptp(raw, axis=0).max())


def _seen(reader: Reader, chest: Chest) -> Iterator[Standardised]:
    standardiser = reader.standardiser()
    for number in range(FRAMES):
        time_s = number / RATE
        yield standardiser.take(Frame(chest.image(time_s), number, int(time_s * 1e6), 0, chest.geometry, chest.settings, simulated=True))


def _raw(seen: Standardised, side: int) -> Standardised:
    """The whole frame, with its longer side scaled to the picture's side, at its original grey level."""
    rows, columns = seen.frame.pixels.shape
    longer = max(rows, columns)
    whole = Field((columns - longer) / 2, (rows - longer) / 2, longer, longer)
    return replace(seen, picture=cut_out(seen.frame.pixels, whole, side))


def _probabilities(reader: Reader, clip: list[Standardised]) -> NDArray[np.float64]:
    """(findings,) for the clip."""
    logits = np.mean([[score.logit for score in reader.infer(seen).scores] for seen in clip], axis=0)
    return np.array([label.probability(float(logit)) for label, logit in zip(reader.release.findings, logits, strict=True)])
