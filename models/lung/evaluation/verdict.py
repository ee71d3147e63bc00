"""Verdict: one target, what was found, and whether that reaches it."""

from dataclasses import dataclass

from models.lung.evaluation.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Verdict:
    """`target` says what is asked for, as ">= 0.90"; `reached` is by the value found, not by its interval."""

    what: str
    target: str
    found: Estimate
    reached: bool
