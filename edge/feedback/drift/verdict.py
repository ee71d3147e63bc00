"""The verdict of the watch: steady, watch or stop, with its evidence in words and numbers."""

from dataclasses import dataclass
from enum import Enum

from edge.feedback.drift.measure import Way
from edge.feedback.drift.reference import FEATURES, Reference
from edge.feedback.drift.sums import ALLOWANCE
from edge.feedback.drift.watch import Watch

WATCH_FROM = 0.7
"""Of a limit: people should look, and the model still answers."""
SURE_AFTER = 10
"""Exams after which a channel that none of them measured is named."""


class Drift(str, Enum):
    """Whether a release still sees what it was made for."""

    STEADY = "steady"
    WATCH = "watch"
    STOP = "stop"


SENTENCES: dict[Way, str] = {
    Way.HIGHER: "{channel} is higher than in the reference since exam {since}, by {size:.1f} spreads (KS sum {score:.1f} of {limit:.1f})",
    Way.LOWER: "{channel} is lower than in the reference since exam {since}, by {size:.1f} spreads (KS sum {score:.1f} of {limit:.1f})",
    Way.SPREAD: "{channel} varies otherwise than in the reference since exam {since} (PSI sum {score:.1f} of {limit:.1f})",
    Way.UNLIKE: "the features of the last exams are unlike those of the reference (squared MMD {score:.3f} of {limit:.3f})",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One chart: its `score` of a `limit`, since when it rises, and by how many spreads of the reference exams (`size`; 0 for features)."""

    channel: str
    way: Way
    score: float
    limit: float
    since: int
    size: float

    @property
    def share(self) -> float:
        """The score in parts of the limit."""
        return self.score / self.limit

    @property
    def sentence(self) -> str:
        """In English, without the full stop."""
        numbers = {"since": self.since, "size": self.size, "score": self.score, "limit": self.limit}
        return SENTENCES[self.way].format(channel=self.channel, **numbers)


@dataclass(frozen=True, slots=True)
class Verdict:
    """After so many `exams`: the charts from `WATCH_FROM` of their limit, the highest first, and the channels that no exam measured."""

    drift: Drift
    exams: int
    evidence: tuple[Evidence, ...]
    unmeasured: tuple[str, ...]

    @classmethod
    def of(cls, watch: Watch, reference: Reference) -> "Verdict":
        pairs = enumerate(zip(reference.charts, watch.scores, strict=True))
        evidence = [
            Evidence(chart.channel, chart.way, score, chart.limit, watch.zero_at[number] + 1, _size(watch, number, chart.way))
            for number, (chart, score) in pairs
            if score >= WATCH_FROM * chart.limit
        ]
        evidence.sort(key=lambda each: -each.share)
        names = (*reference.measure.channels, *([FEATURES] if len(reference.steady.place) else []))
        missing = [name for name, count in zip(names, watch.measured, strict=False) if not count and watch.exams >= SURE_AFTER]
        drift = Drift.STOP if watch.stopped_at is not None else Drift.WATCH if evidence else Drift.STEADY
        return cls(drift, watch.exams, tuple(evidence), tuple(missing))


def _size(watch: Watch, number: int, way: Way) -> float:
    exams = watch.exams - watch.zero_at[number]
    return watch.scores[number] / exams + ALLOWANCE if exams and way is not Way.UNLIKE else 0.0
