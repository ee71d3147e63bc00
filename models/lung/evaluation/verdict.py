"""Verdict: one target, the measured value, and whether it reaches the target."""

from dataclasses import dataclass

from edge.inference.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Verdict:
    """`target` is the requirement, such as ">= 0.90"; `reached` depends on the measured value, not on its interval."""

    what: str
    target: str
    found: Estimate
    reached: bool
