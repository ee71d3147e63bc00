"""Which of the outcomes of an exam holds: the best reference that states something, unless its statements differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from edge.feedback.truth.condition import Condition, Reference
from firmware_bridge.errors import InputRefused

EARLIEST = timedelta(days=7)
"""A reference from so long before the exam still judges the same illness; QUADAS-2 (doi 10.7326/0003-4819-155-8-201110180-00009) asks for a
short interval and leaves its length to the condition."""


class OutcomeRefused(InputRefused):
    """The outcome cannot be recorded as it is stated."""

    code = "outcome-refused"


@dataclass(frozen=True, slots=True)
class Stated:
    """One outcome: whether the condition is `present`, None where the reference could not tell; `on` is the day of the reference."""

    condition: str
    present: bool | None
    reference: Reference
    on: date


class Open(str, Enum):
    """Why a condition is not known."""

    NOTHING = "nothing"
    """No outcome of the wanted level is recorded."""
    NOT_TOLD = "not told"
    """The references could not tell."""
    DIFFER = "differ"
    """The best references state different things."""


@dataclass(frozen=True, slots=True)
class Truth:
    """`present` is None where it is not known, and `why` states the reason; `level` and `reference` are those of the best outcome."""

    condition: str
    present: bool | None
    why: Open | None = None
    level: int = 0
    reference: Reference | None = None


def truth_of(condition: Condition, outcomes: Iterable[Stated], least: int = 1) -> Truth:
    """What holds of a condition by references of at least the level `least`; missing is a value, and nothing is guessed."""
    wanted = [each for each in outcomes if each.condition == condition.id and condition.references.get(each.reference, 0) >= least]
    telling = [each for each in wanted if each.present is not None]
    if not telling:
        return Truth(condition.id, None, Open.NOT_TOLD if wanted else Open.NOTHING)
    level = max(condition.references[each.reference] for each in telling)
    best = [each for each in telling if condition.references[each.reference] == level]
    if len({each.present for each in best}) > 1:
        return Truth(condition.id, None, Open.DIFFER, level)
    return Truth(condition.id, best[0].present, None, level, best[0].reference)


def require_plausible(outcome: Stated, condition: Condition, exam: date, today: date) -> None:
    """Raises OutcomeRefused: the reference does not determine the condition, is long before the exam, or lies in the future."""
    if outcome.reference not in condition.references:
        known = ", ".join(each.value for each in condition.references)
        what, fix = "This reference does not determine this condition", "Choose one of {known}"
        raise OutcomeRefused(what, fix, says="outcome_reference", known=known)
    if outcome.on > today:
        raise OutcomeRefused(
            "The day of the outcome, {day}, lies in the future", "Correct the day", says="outcome_future", day=str(outcome.on)
        )
    if outcome.on < exam - EARLIEST:
        what, fix = "The outcome of {day} is more than {days} days before the exam", "Correct the day, or state a later reference"
        raise OutcomeRefused(what, fix, says="outcome_early", day=str(outcome.on), days=EARLIEST.days)
