"""Zone scores and their sum by the protocol's own rule: what is not known widens the answer, and never counts as normal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.exam.protocol.protocol import Pattern, ScoreRule
from edge.exam.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ZoneScore:
    """The score lies from `low` to `high`. `settled`: the findings that it rests on are all settled."""

    low: int
    high: int
    settled: bool

    @property
    def text(self) -> str:
        return range_text(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over all zones of a protocol lies from `low` to `high`, of at most `most`; `scored` of `zones` have a settled score."""

    low: int
    high: int
    most: int
    scored: int
    zones: int

    @property
    def complete(self) -> bool:
        return self.scored == self.zones

    @property
    def text(self) -> str:
        """`7-9 of 18`, or `incomplete: 4 of 6 zones scored, 5-12 of 18`."""
        figures = f"{range_text(self.low, self.high)} of {self.most}"
        return figures if self.complete else f"incomplete: {self.scored} of {self.zones} zones scored, {figures}"


def zone_score(rule: ScoreRule, verdicts: Mapping[str, Verdict]) -> ZoneScore:
    """The worst pattern that is there, up to the worst that could be; a finding without a verdict could be either.

    A pattern that the model alone cannot tell could be there wherever its findings are.
    """
    sure = [pattern.score for pattern in rule.patterns if _is_there(pattern, verdicts)]
    possible = [pattern for pattern in rule.patterns if _could_be_there(pattern, verdicts)]
    if not possible:
        return unscored(rule)
    low = max(sure) if sure else possible[0].score
    settled = bool(sure) and all(pattern.unreadable for pattern in possible if pattern.score > low)
    return ZoneScore(low, max(low, possible[-1].score), settled)


def unscored(rule: ScoreRule) -> ZoneScore:
    """Of a zone that tells nothing: it could be anything."""
    return ZoneScore(0, rule.most, False)


def total(rule: ScoreRule, scores: Iterable[ZoneScore]) -> Total:
    """The sum of one score a zone, also of those that are not examined."""
    every = tuple(scores)
    return Total(
        low=sum(score.low for score in every),
        high=sum(score.high for score in every),
        most=rule.most * len(every),
        scored=sum(score.settled for score in every),
        zones=len(every),
    )


def range_text(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _is_there(pattern: Pattern, verdicts: Mapping[str, Verdict]) -> bool:
    return not pattern.unreadable and all(verdicts.get(key) == wanted for key, wanted in pattern.when.items())


def _could_be_there(pattern: Pattern, verdicts: Mapping[str, Verdict]) -> bool:
    return all(verdicts.get(key, Verdict.UNSURE) in (wanted, Verdict.UNSURE) for key, wanted in pattern.when.items())
