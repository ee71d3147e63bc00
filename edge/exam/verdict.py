"""Verdict: the word for the prediction set of a finding, the same on the page, in the report and in the score."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from edge.exam.clip import DRIFT, MACHINE, NOVELTY, QUALITY, ClipFinding
from edge.inference.finding_label import ABSENT, PRESENT


class Verdict(str, Enum):
    PRESENT = "present"
    UNSURE = "unsure"
    ABSENT = "absent"


class Decidable(Protocol):
    """The model's verdict on a finding, and what a person decided, see `FindingRow`."""

    @property
    def verdict(self) -> str: ...

    @property
    def decision(self) -> str: ...

    @property
    def decided(self) -> str | None: ...


WORDS = {Verdict.PRESENT: "likely present", Verdict.UNSURE: "can't tell", Verdict.ABSENT: "likely absent"}

LOOKING = "looking"
"""The reason for an open answer on a live image of which too little was seen yet."""
WHY_OPEN = {
    QUALITY: "poor image",
    NOVELTY: "not a lung view",
    MACHINE: "machine not validated",
    DRIFT: "model stopped",
    LOOKING: "looking",
}
"""In a few words, by the reason for which nothing is stated; a model that is unsure has no other reason."""

OPPOSITE = {Verdict.PRESENT: Verdict.ABSENT, Verdict.ABSENT: Verdict.PRESENT, Verdict.UNSURE: Verdict.UNSURE}


def verdict_of(prediction: Sequence[str]) -> Verdict:
    """The verdict of one prediction set; a set with both members, or without any, means unsure."""
    match list(prediction):
        case [only] if only == PRESENT:
            return Verdict.PRESENT
        case [only] if only == ABSENT:
            return Verdict.ABSENT
        case _:
            return Verdict.UNSURE


def verdicts_of(finding: ClipFinding) -> dict[str, Verdict]:
    """The verdicts by finding key; a clip that cannot be assessed states nothing, whatever the figures of the model."""
    return {score.finding: verdict_of(score.set) if finding.assessable else Verdict.UNSURE for score in finding.scores}


def reason_open(finding: ClipFinding) -> str:
    """The reason for which every finding of a clip is open, one of `WHY_OPEN`; empty where it is assessable or only unsure."""
    return finding.reason if finding.reason in WHY_OPEN else ""


def stated(finding: Decidable) -> Verdict:
    """The verdict that counts: the model's until a person decides. A rejection states the opposite, because there are only two."""
    by_model = Verdict(finding.verdict)
    match finding.decision:
        case "open" | "accepted":
            return by_model
        case "rejected":
            return OPPOSITE[by_model]
        case "edited" if finding.decided in (PRESENT, ABSENT):
            return Verdict(finding.decided)
        case _:
            return Verdict.UNSURE
