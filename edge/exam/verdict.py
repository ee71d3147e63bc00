"""Verdict: the word that a finding's prediction set gets, the same on the page, in the report and in the score."""

from collections.abc import Sequence
from enum import Enum

from edge.exam.clip import ClipFinding
from edge.inference.finding_label import ABSENT, PRESENT
from edge.records.exams.finding import StoredFinding


class Verdict(str, Enum):
    PRESENT = "present"
    UNSURE = "unsure"
    ABSENT = "absent"


WORDS = {Verdict.PRESENT: "likely present", Verdict.UNSURE: "can't tell", Verdict.ABSENT: "likely absent"}


OPPOSITE = {Verdict.PRESENT: Verdict.ABSENT, Verdict.ABSENT: Verdict.PRESENT, Verdict.UNSURE: Verdict.UNSURE}


def verdict_of(prediction: Sequence[str]) -> Verdict:
    """The verdict of one prediction set; both of its members, and none, rule out nothing."""
    match list(prediction):
        case [only] if only == PRESENT:
            return Verdict.PRESENT
        case [only] if only == ABSENT:
            return Verdict.ABSENT
        case _:
            return Verdict.UNSURE


def verdicts_of(finding: ClipFinding) -> dict[str, Verdict]:
    """By finding key; a clip that cannot be assessed states nothing, whatever the model's figures."""
    return {score.finding: verdict_of(score.set) if finding.assessable else Verdict.UNSURE for score in finding.scores}


def stated(finding: StoredFinding) -> Verdict:
    """What holds of a finding: the model's verdict until a person decides. Who rejects it states the opposite; there is no third."""
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
