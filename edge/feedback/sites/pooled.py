"""The statistics of several sites together, subject by subject."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from edge.feedback.performance.collect import Subject
from edge.feedback.sites.statistics import SHARES, SiteStatistics, SubjectSums
from edge.feedback.statistics.between import Between, between
from edge.feedback.statistics.binned import Binned
from edge.feedback.statistics.figure import Figure, NoFigure, Stated, Why
from edge.feedback.statistics.tally import Tally


@dataclass(frozen=True, slots=True)
class PooledShare:
    """A share at each site that has enough patients, of all their patients `together`, and how the sites differ."""

    sites: Mapping[str, Stated]
    together: Stated
    between: Between | None


@dataclass(frozen=True, slots=True)
class PooledScores:
    """The AUC at each site that has one; `auc` and `ece` of all cases are approximate, see `edge.feedback.statistics.binned`."""

    sites: Mapping[str, Figure]
    auc: float | None
    ece: float | None


@dataclass(frozen=True, slots=True)
class PooledSubject:
    """One subject, with its shares by name: sensitivity, specificity and answered."""

    subject: Subject
    shares: Mapping[str, PooledShare]
    scores: PooledScores


def pooled(sites: Mapping[str, SiteStatistics]) -> tuple[PooledSubject, ...]:
    """Every subject of any site; `sites` are by the name that a person gave. A patient who was at two sites counts at both."""
    by_subject: dict[Subject, dict[str, SubjectSums]] = {}
    for name, statistics in sites.items():
        for sums in statistics.subjects:
            by_subject.setdefault(sums.subject, {})[name] = sums
    order = sorted(by_subject, key=lambda each: (each.kind == "exam", each.condition, each.finding))
    return tuple(PooledSubject(each, _shares(by_subject[each]), _scores(by_subject[each])) for each in order)


def _shares(of: Mapping[str, SubjectSums]) -> dict[str, PooledShare]:
    found: dict[str, PooledShare] = {}
    for share in SHARES:
        tallies: dict[str, Tally | None] = {name: getattr(sums, share) for name, sums in of.items()}
        enough = [tally for tally in tallies.values() if tally is not None]
        sites: dict[str, Stated] = {name: NoFigure(Why.FEW) if tally is None else tally.share() for name, tally in tallies.items()}
        together: Stated = reduce(add, enough, Tally()).share() if enough else NoFigure(Why.FEW)
        found[share] = PooledShare(sites, together, between(enough))
    return found


def _scores(of: Mapping[str, SubjectSums]) -> PooledScores:
    binned = _sum(sums.binned for sums in of.values() if sums.binned is not None)
    return PooledScores({name: sums.auc for name, sums in of.items() if sums.auc is not None}, binned.auc, binned.ece)


def _sum(binned: Iterable[Binned]) -> Binned:
    return reduce(add, binned, Binned())


def twice(sites: Mapping[str, SiteStatistics]) -> Sequence[tuple[str, str]]:
    """Pairs of names that stand for one site: the first, and the one that repeats it."""
    first: dict[str, str] = {}
    return [(first[each.site], name) for name, each in sites.items() if each.site and first.setdefault(each.site, name) != name]
