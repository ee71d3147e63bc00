"""Reading: the model's answer for ONE frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.machine import UNKNOWN_MACHINE, Machine


@dataclass(frozen=True, slots=True)
class Score:
    """One finding's probability (0 to 1) in one frame, and its logit."""

    finding: str
    probability: float
    logit: float


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Nanoseconds that each stage took for one frame."""

    prepare_ns: int
    invoke_ns: int
    interpret_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Belongs to the frame whose `sequence` it carries; never drawn on another.

    `class_map` is (map rows, map columns, findings) float32 logits in the order of `scores`; it covers the
    frame's field (`edge.vision.field`), and each score's logit is the mean of its plane. `novelty` is the frame's distance from lungs
    (`edge.inference.novelty`); larger is less like a lung. `machine` made the frame. `features` are those that the novelty is of.
    """

    sequence: int
    scores: tuple[Score, ...]
    class_map: NDArray[np.float32]
    times: StageTimes
    model: str
    simulated: bool
    novelty: float
    machine: Machine = UNKNOWN_MACHINE
    features: NDArray[np.float32] | None = None
