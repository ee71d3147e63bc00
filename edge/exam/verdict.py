"""Verdict: the word that a finding's probability gets, the same on the page, in the report and in the score."""

from enum import Enum

from edge.exam.clip import ClipFinding


class Verdict(str, Enum):
    PRESENT = "present"
    UNSURE = "unsure"
    ABSENT = "absent"


WORDS = (
    (0.7, Verdict.PRESENT, "likely present"),
    (0.3, Verdict.UNSURE, "can't tell"),
    (0.0, Verdict.ABSENT, "likely absent"),
)
"""From this probability upwards."""


def verdict_of(probability: float) -> Verdict:
    """The verdict of one probability, 0 to 1."""
    return next(verdict for least, verdict, _ in WORDS if probability >= least)


def word_of(verdict: Verdict) -> str:
    return next(word for _, each, word in WORDS if each is verdict)


def verdicts_of(finding: ClipFinding) -> dict[str, Verdict]:
    """By finding key; a clip that cannot be assessed tells nothing, whatever the model said of it."""
    return {score.finding: verdict_of(score.probability) if finding.assessable else Verdict.UNSURE for score in finding.scores}
