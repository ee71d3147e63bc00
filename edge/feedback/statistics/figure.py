"""A number with its interval, or the sentence why there is none: a page shows one of the two, and never NaN or an empty cell."""

import math
from dataclasses import dataclass
from enum import Enum

from edge.feedback.agreement import LEAST
from edge.inference.statistics import Estimate


class Why(str, Enum):
    """Why there is no figure; a page translates it by this code."""

    NO_CASES = "no-cases"
    UNKNOWN = "unknown"
    TWICE = "twice"
    FEW = "few"
    ONE_CLASS = "one-class"
    ZERO_COUNT = "zero-count"
    ALIKE = "alike"
    NEVER_DIFFER = "never-differ"
    GAPS = "gaps"
    SEVERAL = "several"


SENTENCES: dict[Why, str] = {
    Why.NO_CASES: "There are no cases",
    Why.UNKNOWN: "No case has all that this figure needs",
    Why.TWICE: "{count} cases are listed more than once",
    Why.FEW: "Fewer than {least} patients: too few for a figure",
    Why.ONE_CLASS: "All cases are of one kind, and this figure needs cases with the finding and without it",
    Why.ZERO_COUNT: "One of the counts that this ratio divides is 0",
    Why.ALIKE: "All ratings are the same, so agreement by chance cannot be told from agreement",
    Why.NEVER_DIFFER: "The readers never differ, so this figure has no interval",
    Why.GAPS: "Not every reader rated every case, and this figure needs that",
    Why.SEVERAL: "Some cases are of the same patient, and this figure needs one case of each",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` with its 95 % interval, from so many `cases` of so many `patients`.

    Raises:
        ValueError: a number is not finite, the interval is reversed, or there are fewer than `LEAST` patients.
    """

    value: float
    low: float
    high: float
    cases: int
    patients: int

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.value, self.low, self.high))) or self.low > self.high or self.patients < LEAST:
            raise ValueError(f"not a figure: {self.value} ({self.low} to {self.high}) of {self.patients} patients")


@dataclass(frozen=True, slots=True)
class NoFigure:
    """Why there is no figure. It holds no small count: that could tell of one patient."""

    why: Why
    count: int = 0

    @property
    def sentence(self) -> str:
        """In English, without the full stop."""
        return SENTENCES[self.why].format(count=self.count, least=LEAST)


Stated = Figure | NoFigure
"""What a statistic states. mypy lets nobody read a number from it before asking which of the two it is."""


def stated(estimate: Estimate, cases: int, patients: int) -> Stated:
    """A figure, unless its patients are too few to show; the estimate must have a value."""
    if patients < LEAST:
        return NoFigure(Why.FEW)
    return Figure(estimate.value, estimate.low, estimate.high, cases, patients)
