"""Zone scores and their total by the rule of the protocol. Unknown findings widen the range, and never count as normal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.exam.protocol.protocol import Pattern, ScoreRule
from edge.exam.verdict import Verdict
from firmware_bridge.says import say

NO_TOTAL = "No total"
"""How the text of a total begins that is not complete."""


@dataclass(frozen=True, slots=True)
class ZoneScore:
    """The score is between `low` and `high`. `settled`: all the findings that decide it are settled."""

    low: int
    high: int
    settled: bool

    @property
    def text(self) -> str:
        return range_text(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over all zones of a protocol is between `low` and `high`, at most `most`; `scored` of `zones` have a settled score."""

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
        """`7-9 of 18`, or `No total yet: 4 of 6 zones scored, so far 5-12 of 18`; no figures where no zone narrows them."""
        figures = say("TOTAL", "{sum} of {most}", sum=range_text(self.low, self.high), most=self.most)
        if self.complete:
            return figures
        if (self.low, self.high) == (0, self.most):
            return say("NO_TOTAL", f"{NO_TOTAL} yet: {{scored}} of {{zones}} zones scored", scored=self.scored, zones=self.zones)
        so_far = f"{NO_TOTAL} yet: {{scored}} of {{zones}} zones scored, so far {{figures}}"
        return say("NO_TOTAL_SO_FAR", so_far, scored=self.scored, zones=self.zones, figures=figures)


def zone_score(rule: ScoreRule, verdicts: Mapping[str, Verdict]) -> ZoneScore:
    """From the worst pattern that is present to the worst that is possible; a finding without a verdict can be either.

    A pattern that the model alone cannot recognise is possible wherever its findings are present.
    """
    sure = [pattern.score for pattern in rule.patterns if _present(pattern, verdicts)]
    possible = [pattern for pattern in rule.patterns if _possible(pattern, verdicts)]
    if not possible:
        return unscored(rule)
    low = max(sure) if sure else possible[0].score
    settled = bool(sure) and all(pattern.unreadable for pattern in possible if pattern.score > low)
    return ZoneScore(low, max(low, possible[-1].score), settled)


def unscored(rule: ScoreRule) -> ZoneScore:
    """The score of a zone of which nothing is known: every score is possible."""
    return ZoneScore(0, rule.most, False)


def total(rule: ScoreRule, scores: Iterable[ZoneScore]) -> Total:
    """The sum of one score for each zone, also for zones that are not examined."""
    every = tuple(scores)
    return Total(
        low=sum(score.low for score in every),
        high=sum(score.high for score in every),
        most=rule.most * len(every),
        scored=sum(score.settled for score in every),
        zones=len(every),
    )


def total_line(text: str) -> str:
    """The text of a total as a line of its own."""
    return text if text.startswith(NO_TOTAL) else f"Total {text}"


def range_text(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _present(pattern: Pattern, verdicts: Mapping[str, Verdict]) -> bool:
    return not pattern.unreadable and all(verdicts.get(key) == wanted for key, wanted in pattern.when.items())


def _possible(pattern: Pattern, verdicts: Mapping[str, Verdict]) -> bool:
    return all(verdicts.get(key, Verdict.UNSURE) in (wanted, Verdict.UNSURE) for key, wanted in pattern.when.items())
