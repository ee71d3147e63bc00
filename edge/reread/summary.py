"""Summary: the changes by a candidate release over many clips, in counts and quantiles; independent of the order of work."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.exam.verdict import Verdict
from edge.reread.answer import Answer, Outcome, Unread
from edge.reread.clip import RecordedClip

QUANTILES = {"least": 0.0, "p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "most": 1.0}

Reading = tuple[RecordedClip, Outcome]


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """`verdicts` counts clips by old and new verdict; `change` has quantiles of new minus old probability, empty if no clip has both."""

    key: str
    verdicts: Mapping[tuple[Verdict, Verdict], int]
    change: Mapping[str, float]

    @property
    def changed(self) -> int:
        return sum(count for (old, new), count in self.verdicts.items() if old is not new)

    def count(self, which: int, verdict: Verdict) -> int:
        """The number of clips with a verdict by the old (0) or the new (1) release."""
        return sum(count for pair, count in self.verdicts.items() if pair[which] is verdict)


@dataclass(frozen=True, slots=True)
class Then:
    """The number of clips with an answer from the time of the exam, and with another verdict by the old and by the new release now.

    The other clips are not compared: recordings from `outside` an exam, and exam clips that were taken again or are `unanswered`.
    """

    known: int
    old_differs: int
    new_differs: int
    outside: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Summary:
    """`reasons` counts the clips that are not assessable, by reason, for the old and the new release.

    `not_validated` counts the clips of machines on which each of the two is not validated.
    """

    readings: tuple[Reading, ...]
    unread: tuple[Unread, ...]
    findings: tuple[FindingSummary, ...]
    reasons: tuple[Mapping[str, int], Mapping[str, int]]
    not_validated: tuple[int, int]
    then: Then

    @property
    def changed(self) -> tuple[Reading, ...]:
        """The readings in which any finding's verdict differs."""
        return tuple(reading for reading in self.readings if reading[1].changed)


def summary_of(readings: Sequence[Reading], unread: Sequence[Unread]) -> Summary:
    outcomes = [outcome for _, outcome in readings]
    keys = dict.fromkeys(key for outcome in outcomes for key in outcome.keys)
    return Summary(
        readings=tuple(readings),
        unread=tuple(unread),
        findings=tuple(_finding(key, outcomes) for key in keys),
        reasons=(_reasons(each.old for each in outcomes), _reasons(each.new for each in outcomes)),
        not_validated=(_not_validated(each.old for each in outcomes), _not_validated(each.new for each in outcomes)),
        then=_then(readings),
    )


def _finding(key: str, outcomes: Sequence[Outcome]) -> FindingSummary:
    verdicts = Counter((each.old.verdict(key), each.new.verdict(key)) for each in outcomes if key in each.keys)
    both = [(each.old.findings[key], each.new.findings[key]) for each in outcomes if key in each.old.findings and key in each.new.findings]
    changes = [new.probability - old.probability for old, new in both]
    quantiles = {name: float(np.quantile(changes, share)) for name, share in QUANTILES.items()} if changes else {}
    return FindingSummary(key, verdicts, quantiles)


def _reasons(answers: Iterable[Answer]) -> Mapping[str, int]:
    return dict(sorted(Counter(each.reason for each in answers if each.reason is not None).items()))


def _not_validated(answers: Iterable[Answer]) -> int:
    return sum(each.machine_validated is False for each in answers)


def _then(readings: Sequence[Reading]) -> Then:
    known = [(clip.then, outcome) for clip, outcome in readings if clip.then is not None]
    zones = [clip.zone for clip, _ in readings if clip.then is None]
    return Then(
        known=len(known),
        old_differs=sum(differs(then, each.old) for then, each in known),
        new_differs=sum(differs(then, each.new) for then, each in known),
        outside=zones.count(""),
        unanswered=len(zones) - zones.count(""),
    )


def differs(one: Answer, other: Answer) -> bool:
    """Whether any finding that both have differs in its verdict."""
    return any(one.verdict(key) is not other.verdict(key) for key in one.findings if key in other.findings)
