"""The cumulative sum (Page, Biometrika 1954;41:100): S = max(0, S + W) after each exam; S at the limit or above is an alarm."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from edge.inference.statistics import Numbers

Score = Numbers | float


@dataclass(frozen=True, slots=True)
class Course:
    """One chart so far: how many exams it has `seen`, its `score`, the last exam at which the score was 0, and the exams with an alarm.

    Exams count from 1. The score of an exam with an alarm is the one that reached the limit; the next exam begins at 0.
    """

    seen: int = 0
    score: float = 0.0
    zero_at: int = 0
    alarms: tuple[int, ...] = ()

    @property
    def alarmed(self) -> bool:
        """Whether the last exam raised the alarm."""
        return bool(self.alarms) and self.alarms[-1] == self.seen

    @property
    def since(self) -> int:
        """The exam from which the score rose: the best guess of when a change began (Page 1954)."""
        return self.zero_at + 1

    def stepped(self, weight: float, limit: float) -> "Course":
        """After one more exam."""
        exam, begin = self.seen + 1, 0.0 if self.alarmed else self.score
        zero_at = self.seen if self.alarmed else self.zero_at
        score = float(added(begin, weight))
        alarms = (*self.alarms, exam) if score >= limit else self.alarms
        return replace(self, seen=exam, score=score, zero_at=zero_at if score > 0 else exam, alarms=alarms)


NEW = Course()


def run(weights: Iterable[float], limit: float, course: Course = NEW) -> Course:
    """After these exams."""
    for weight in weights:
        course = course.stepped(weight, limit)
    return course


def added(score: Score, weight: Score) -> Numbers:
    """The next score of one chart, or of many, without their limits."""
    return np.asarray(np.maximum(0, score + weight), np.float64)


def highest(weights: Numbers) -> Numbers:
    """(exams, ...) weights of many charts to the highest score of each up to each exam, had it no limit."""
    reached, score = np.empty_like(weights), np.zeros(weights.shape[1:])
    top = score.copy()
    for exam, weight in enumerate(weights):
        score = added(score, weight)
        top = np.maximum(top, score)
        reached[exam] = top
    return reached
