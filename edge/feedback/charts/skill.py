"""A person's skill: the LC-CUSUM until a learner has shown to be good enough, then the CUSUM that reports if this is lost.

The LC-CUSUM (Biau et al., Br J Surg 2008;95:925; Biau & Porcher, Stat Med 2010;29:1900) takes a learner for not good enough until the exams
prove the opposite; the CUSUM (Steiner et al., Biostatistics 2000;1:441) does the reverse. Both add log likelihood ratios of two rates of
failure. What counts as a failure, such as an answer that the over-reader changed, is up to the caller.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from edge.feedback.charts.cusum import NEW, Course
from edge.feedback.charts.errors import RatesRefused
from edge.feedback.charts.limits import Draw, limit_for_chance, limit_for_run_length

LEARNING_EXAMS, LEARNING_CHANCE = 100, 0.05
"""A learner at the unacceptable rate is declared good enough within so many exams with no more than this chance."""
FALSE_ALARM_EXAMS = 1000
"""False alarms about a person at the acceptable rate are so many exams apart."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The share of exams that fail: up to `acceptable` is good enough; `unacceptable` is not, and is to be found.

    Raises:
        RatesRefused: they are not 0 < acceptable < unacceptable < 1.
    """

    acceptable: float
    unacceptable: float

    def __post_init__(self) -> None:
        if not 0 < self.acceptable < self.unacceptable < 1:
            what = f"the rates of failure {self.acceptable:g} (acceptable) and {self.unacceptable:g} (unacceptable) are not in order"
            raise RatesRefused(what, "Give two shares between 0 and 1, the acceptable one lower")

    def loss(self, *, failed: bool) -> float:
        """The weight of an exam for the CUSUM: log of how much likelier it is at the unacceptable rate. The LC-CUSUM has the opposite."""
        if failed:
            return math.log(self.unacceptable / self.acceptable)
        return math.log((1 - self.unacceptable) / (1 - self.acceptable))


DEFAULT = Rates(0.10, 0.20)
"""The usual ones of learning curves of procedures, such as in PMC6470078; a site states its own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the LC-CUSUM (`learned`) and of the CUSUM (`lost`)."""

    learned: float
    lost: float

    @classmethod
    def of(cls, rates: Rates) -> "Limits":
        """By simulation; takes a second, and is remembered."""
        return _limits(rates)


@dataclass(frozen=True, slots=True)
class Skill:
    """One person's charts: `learning` ends with its first alarm, which is good news; then `lasting` begins."""

    learning: Course = NEW
    lasting: Course = NEW

    @property
    def learned_at(self) -> int | None:
        """The exam with which the person was good enough, from 1; None until then."""
        return self.learning.alarms[0] if self.learning.alarms else None

    @property
    def lost_at(self) -> tuple[int, ...]:
        """The exams with an alarm since, from 1 with the first exam of all."""
        return tuple(self.learning.seen + alarm for alarm in self.lasting.alarms)

    def stepped(self, rates: Rates, limits: Limits, *, failed: bool) -> "Skill":
        """After one more exam."""
        loss = rates.loss(failed=failed)
        if self.learned_at is None:
            return replace(self, learning=self.learning.stepped(-loss, limits.learned))
        return replace(self, lasting=self.lasting.stepped(loss, limits.lost))


@lru_cache(maxsize=16)
def _limits(rates: Rates) -> Limits:
    return Limits(
        learned=limit_for_chance(_weights(rates, rates.unacceptable, -1), LEARNING_EXAMS, LEARNING_CHANCE),
        lost=limit_for_run_length(_weights(rates, rates.acceptable, 1), FALSE_ALARM_EXAMS),
    )


def _weights(rates: Rates, failing: float, sign: int) -> Draw:
    """The weights of people who fail at this rate."""
    fails, succeeds = (sign * rates.loss(failed=failed) for failed in (True, False))
    return lambda rng, shape: np.where(rng.random(shape) < failing, fails, succeeds)
