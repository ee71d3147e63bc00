"""A person's skill: the LC-CUSUM until a learner has shown to be good enough, then the CUSUM that reports if this is lost.

The LC-CUSUM (Biau et al., Br J Surg 2008;95:925; Biau & Porcher, Stat Med 2010;29:1900) takes a learner for not good enough until the
trials prove the opposite; the CUSUM (Steiner et al., Biostatistics 2000;1:441) does the reverse. Both add log likelihood ratios of two
rates of failure. What is a trial and what a failure, such as a zone in which the over-reader states the opposite, is up to the caller.

Trials of one exam are alike: on a difficult patient several zones fail. The usual limits are for 100 independent trials. Simulated with the
correlation `ALIKE`, a learner who fails in 20 % of the zones reaches that of the LC-CUSUM within 100 zones with a chance of 21 % (exams of
6 zones) or 38 % (14), and not of 5 %; and within 100 exams with 80 % or more. False alarms are 260 (180) zones apart, and not 1000. So the
limits come from simulated exams of alike trials, and that of the LC-CUSUM is for 100 exams: then the chance is 4 % (5 %). At a correlation
of 0.3 it is 11 % (16 %), and at 0.1 it is 1 %. A learner who fails in 5 % of the zones is then declared good enough after 19 (15) exams.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from edge.feedback.charts.cusum import NEW, Course
from edge.feedback.charts.errors import RatesRefused
from edge.feedback.charts.limits import Draw, limit_for_chance, limit_for_run_length
from edge.inference.statistics import Numbers

LEARNING_EXAMS, LEARNING_CHANCE = 100, 0.05
"""A learner at the unacceptable rate is declared good enough within so many exams with no more than this chance."""
FALSE_ALARM_TRIALS = 1000
"""False alarms about a person at the acceptable rate are so many trials apart."""
ALIKE = 0.2
"""The correlation of failures within one exam. Ours: no source gives one."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The share of trials that fail: up to `acceptable` is good enough; `unacceptable` is not, and is to be found.

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
        """The weight of a trial for the CUSUM: log of how much likelier it is at the unacceptable rate. The LC-CUSUM has the opposite."""
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
    def of(cls, rates: Rates, of_one_exam: int = 1) -> "Limits":
        """By simulation of so many trials an exam; takes seconds, and is remembered."""
        return _limits(rates, of_one_exam)


@dataclass(frozen=True, slots=True)
class Skill:
    """One person's charts: `learning` ends with its first alarm, which is good news; then `lasting` begins."""

    learning: Course = NEW
    lasting: Course = NEW

    @property
    def learned_at(self) -> int | None:
        """The trial with which the person was good enough, from 1; None until then."""
        return self.learning.alarms[0] if self.learning.alarms else None

    @property
    def lost_at(self) -> tuple[int, ...]:
        """The trials with an alarm since, from 1 with the first trial of all."""
        return tuple(self.learning.seen + alarm for alarm in self.lasting.alarms)

    def stepped(self, rates: Rates, limits: Limits, *, failed: bool) -> "Skill":
        """After one more trial."""
        loss = rates.loss(failed=failed)
        if self.learned_at is None:
            return replace(self, learning=self.learning.stepped(-loss, limits.learned))
        return replace(self, lasting=self.lasting.stepped(loss, limits.lost))


@lru_cache(maxsize=64)
def _limits(rates: Rates, of_one_exam: int) -> Limits:
    return Limits(
        learned=limit_for_chance(_weights(rates, rates.unacceptable, -1, of_one_exam), LEARNING_EXAMS * of_one_exam, LEARNING_CHANCE),
        lost=limit_for_run_length(_weights(rates, rates.acceptable, 1, of_one_exam), FALSE_ALARM_TRIALS),
    )


def _weights(rates: Rates, failing: float, sign: int, of_one_exam: int) -> Draw:
    """The weights of people who fail at this rate on average, and at another one in each exam (beta-binomial)."""
    fails, succeeds = (sign * rates.loss(failed=failed) for failed in (True, False))
    spread = 1 / ALIKE - 1

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Numbers:
        trials, charts = shape
        of_exam = rng.beta(failing * spread, (1 - failing) * spread, (-(-trials // of_one_exam), charts))
        chance = np.repeat(of_exam, of_one_exam, axis=0)[:trials]
        return np.where(rng.random(shape) < chance, fails, succeeds)

    return draw
