"""The figures of what was collected, by protocol, finding and stratum."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from edge.feedback.agreement import shown_count
from edge.feedback.performance.cohort import Cohort
from edge.feedback.performance.collect import Collected, Left, Subject
from edge.feedback.performance.figures import Bin, Counts, Group, Judged, Performance, Scores, Shares, Stratum
from edge.feedback.performance.own import own_figures
from edge.feedback.performance.strata import Dimension
from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.confusion import Confusion, Matrix
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.feedback.statistics.scored import auc, brier, ece, reliability
from edge.records.schema import ANY

TOO_FEW = NoFigure(Why.FEW)
HIDDEN = Shares(counts=None, sensitivity=TOO_FEW, specificity=TOO_FEW, answered=TOO_FEW)


def judge(found: Collected, at: datetime) -> Performance:
    """The figures of every protocol, and of all together where there are several."""
    person_of = found.person_of()
    cohorts: dict[str, Mapping[Subject, Cohort]] = {name: found.cohorts[name] for name in sorted({*found.cohorts, *found.left})}
    groups = [_group(name, found.exams[name], found.left[name], each, person_of) for name, each in cohorts.items()]
    if len(groups) != 1:
        left = sum((found.left[name] for name in cohorts), Counter[Left]())
        groups.insert(0, _group(ANY, found.exams.total(), left, found.together(), person_of))
    return Performance(at=at, groups=tuple(groups), own=own_figures(found.signs, person_of))


def _group(protocol: str, exams: int, left: Counter[Left], cohorts: Mapping[Subject, Cohort], person_of: Sequence[int]) -> Group:
    order = sorted(cohorts, key=lambda each: (each.kind == "exam", each.condition, each.finding))
    counted = {why: shown_count(count) for why, count in left.items() if count}
    return Group(
        protocol=protocol, exams=shown_count(exams), left=counted, judged=tuple(_judged(each, cohorts[each], person_of) for each in order)
    )


def _judged(subject: Subject, cohort: Cohort, person_of: Sequence[int]) -> Judged:
    cases = cohort.cases(person_of)
    strata: dict[Dimension, list[Stratum]] = {}
    for dimension, value, rows in cohort.strata():
        strata.setdefault(dimension, []).append(Stratum(value=value, shares=_shares(cases.at(rows))))
    guarded = {dimension: _guarded(each) for dimension, each in strata.items()}
    return Judged(
        kind=subject.kind,
        finding=subject.finding,
        condition=subject.condition,
        shares=_shares(cases),
        scores=_scores(cases),
        strata=guarded,
    )


def _shares(cases: Cases) -> Shares:
    confusion = Confusion.of(cases)
    matrix = confusion.matrix()
    counts = Counts(**{name: shown_count(getattr(matrix, name)) for name in Counts.model_fields}) if isinstance(matrix, Matrix) else None
    shares = {name: getattr(confusion, name).share() for name in ("sensitivity", "specificity", "answered")}
    return Shares.model_validate({"counts": counts, **shares})


def _scores(cases: Cases) -> Scores:
    points = tuple(Bin(probability=each.probability, share=each.share) for each in reliability(cases))
    return Scores(auc=auc(cases), brier=brier(cases), ece=ece(cases), reliability=points)


def _guarded(strata: Sequence[Stratum]) -> tuple[Stratum, ...]:
    """Where one stratum alone is hidden, the smallest of the others is too: the whole less the rest would state it."""
    sizes = {each.value: each.shares.answered.cases for each in strata if isinstance(each.shares.answered, Figure)}
    if len(strata) - len(sizes) != 1 or not sizes:
        return tuple(strata)
    smallest = min(sizes, key=lambda value: sizes[value])
    return tuple(each.model_copy(update={"shares": HIDDEN}) if each.value == smallest else each for each in strata)
