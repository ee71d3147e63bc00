"""Accuracy of each quality reason: the AUC of its measured value, for simulated faults against healthy chests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf

import numpy as np

from edge.vision.measure import Measured
from edge.vision.quality import Check, Limits, checks
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

HEALTHY = 24
PER_STRENGTH = 4
TIMES_S = (0.0, 0.6, 1.2, 1.24)
"""Times of the measured frames: long enough to detect a frozen image, and the last two as close as frames of a live source."""
SIDE = 224

Plant = Callable[[Chest, float], Chest]


FAULTY: dict[str, tuple[Plant, tuple[float, ...]]] = {
    "NOT_ULTRASOUND": (lambda chest, _: replace(chest, faults=Faults(foreign=True)), (1.0,)),
    "FROZEN": (lambda chest, _: replace(chest, faults=Faults(frozen=True)), (1.0,)),
    "NO_CONTACT": (lambda chest, strength: replace(chest, faults=Faults(air=strength)), (0.85, 0.9, 1.0)),
    "PARTIAL_CONTACT": (lambda chest, strength: replace(chest, faults=Faults(air=strength)), (0.4, 0.5, 0.7)),
    "WRONG_PRESET": (lambda chest, _: replace(chest, preset="cardiac"), (1.0,)),
    "TOO_SHALLOW": (lambda chest, strength: replace(chest, depth_mm=strength), (40.0, 60.0, 75.0)),
    "TOO_DEEP": (lambda chest, strength: replace(chest, depth_mm=strength), (170.0, 200.0, 240.0)),
    "TOO_DARK": (lambda chest, strength: replace(chest, gain_db=strength), (24.0, 18.0, 12.0)),
    "TOO_BRIGHT": (lambda chest, strength: replace(chest, gain_db=strength), (72.0, 76.0, 82.0)),
    "CLUTTER": (lambda chest, strength: replace(chest, faults=Faults(haze=strength)), (0.15, 0.3, 0.6, 1.0)),
    "MOVING_FAST": (lambda chest, strength: replace(chest, faults=Faults(sweep_mm_s=strength)), (40.0, 60.0, 90.0)),
    "BLURRED": (lambda chest, strength: replace(chest, faults=Faults(blur_mm=strength)), (0.6, 0.8, 1.2)),
    "TEXT_IN_IMAGE": (lambda chest, _: replace(chest, faults=Faults(text="R2 DOE")), (1.0,)),
}
"""By code: how the fault is simulated, at strengths around its limit and above."""


def reason_auc(limits: Limits | None = None) -> dict[str, float]:
    """By code: the probability that a faulty chest has a worse value than a healthy one, 0..1."""
    limits = limits or Limits()
    healthy = list(_healthy())
    seen = [_measured(chest, limits) for chest in healthy]
    return {check.code: _auc(check, healthy, seen, limits) for check in checks()}


def _auc(check: Check, healthy: list[Chest], seen: list[Measured], limits: Limits) -> float:
    plant, strengths = FAULTY[check.code]
    faulty = (plant(chest, strength) for strength in strengths for chest in healthy[:: HEALTHY // PER_STRENGTH])
    worse = np.array([_figure(check, _measured(chest, limits), limits) for chest in faulty])
    better = np.array([_figure(check, one, limits) for one in seen])
    off = (worse[:, None] - better[None, :]) * (1 if check.band(limits)[1] < inf else -1)
    return float(np.mean(off > 0) + np.mean(off == 0) / 2)


def _healthy() -> Iterator[Chest]:
    """Several patients with suitable settings; some of them without geometry."""
    chance = np.random.default_rng(7)
    for seed in range(HEALTHY):
        yield Chest(
            b_lines=int(chance.integers(8)),
            depth_mm=float(chance.uniform(80, 160)),
            gain_db=float(chance.uniform(56, 64)),
            size=int(chance.choice([240, 350, 480])),
            seed=seed,
        )


def _measured(chest: Chest, limits: Limits) -> Measured:
    """What is measured in the last of the frames, after the others."""
    standardiser = Standardiser(SIDE)
    geometry = chest.geometry if chest.seed % 2 else Geometry()
    for number, time_s in enumerate(TIMES_S):
        frame = Frame(chest.image(time_s), number, int(time_s * 1e6), 0, geometry, chest.settings, simulated=True)
        seen = standardiser.take(frame, limits)
    return seen.measured


def _figure(check: Check, measured: Measured, limits: Limits) -> float:
    value = check.value(measured, limits)
    return np.nan if value is None else value
