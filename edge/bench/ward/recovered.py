"""Whether the feedback finds the error rates with which the simulated readers answered.

Two checks for each rate. The counts of the cards must be those of the errors that were really made. And the known rate must lie in the
exact binomial interval (Clopper & Pearson, Biometrika 1934;26:404) of the counts: a simulated reader errs at each zone independently. Of
many rates some lie outside their 95 % intervals by chance, so a replay fails only outside an interval that holds for all of them together
(Bonferroni). The 95 % interval of the card itself, which allows for similar zones of one patient, is stated too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.bench.ward.readers import Error, SimulatedReader
from edge.feedback.concordance.f_quantile import f_quantile
from edge.feedback.people.figures import Compared, Share
from edge.feedback.statistics.figure import Figure, NoFigure, Stated, Why

LEVEL = 0.95
NOTHING = Share(hits=0, of=0, share=NoFigure(Why.NO_CASES))


@dataclass(frozen=True, slots=True)
class Recovered:
    """A rate of one reader and finding: `known`, and `hits` among `of` as the card has them; `made` errors were really made.

    `share` is the card's, with its 95 % interval, and `within`: the known rate lies in it; None without a figure. (`low`, `high`) is the
    interval that holds for all rates together.
    """

    reader: str
    finding: str
    error: Error
    known: float
    made: int
    hits: int
    of: int
    share: Stated
    within: bool | None
    low: float
    high: float

    @property
    def passed(self) -> bool:
        """Whether the counts are right and the known rate fits all of them."""
        return self.hits == self.made and self.low <= self.known <= self.high


def recovered(cards: Mapping[SimulatedReader, Sequence[Compared]]) -> tuple[Recovered, ...]:
    """Each rate of each reader, by what the card has of the reader's answers on each finding; what it lacks has no cases."""
    found = [(reader, *each) for reader, findings in cards.items() for each in _shares(reader, findings)]
    return tuple(_recovered(*each, rates=len(found)) for each in found)


def all_passed(rates: Sequence[Recovered]) -> bool:
    """Whether there are rates, and each was found."""
    return bool(rates) and all(each.passed for each in rates)


def _shares(reader: SimulatedReader, findings: Sequence[Compared]) -> Iterator[tuple[str, Error, Share]]:
    compared = {each.finding: each for each in findings}
    for finding in sorted({*compared, *(finding for finding, _ in reader.made)}):
        missed, overcalled = (compared[finding].missed, compared[finding].overcalled) if finding in compared else (NOTHING, NOTHING)
        yield finding, Error.MISSED, missed
        yield finding, Error.OVERCALLED, overcalled


def _recovered(reader: SimulatedReader, finding: str, error: Error, share: Share, *, rates: int) -> Recovered:
    known, figure = reader.rates[error], share.share
    within = figure.low <= known <= figure.high if isinstance(figure, Figure) else None
    low, high = _exact(share.hits, share.of, 1 - (1 - LEVEL) / rates)
    return Recovered(reader.name, finding, error, known, reader.made[finding, error], share.hits, share.of, figure, within, low, high)


def _exact(hits: int, of: int, level: float) -> tuple[float, float]:
    """The exact interval, by the quantiles of F (Brownlee, Statistical Theory and Methodology 1965, section 3.2)."""
    tail, low, high = (1 - level) / 2, 0.0, 1.0
    if hits:
        odds = hits * f_quantile(2 * hits, 2 * (of - hits + 1), tail)
        low = odds / (of - hits + 1 + odds)
    if hits < of:
        odds = (hits + 1) * f_quantile(2 * (hits + 1), 2 * (of - hits), 1 - tail)
        high = odds / (of - hits + odds)
    return low, high
