"""Reading: what the model says of ONE frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Score:
    """One finding's probability (0 to 1) in one frame and the logit it comes from."""

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
    frame's field (`edge.vision.field`), and each score's logit is the mean of its plane. `novelty` is how unlike a lung the frame
    is (`edge.inference.novelty`); larger is stranger.
    """

    sequence: int
    scores: tuple[Score, ...]
    class_map: NDArray[np.float32]
    times: StageTimes
    model: str
    simulated: bool
    novelty: float
