"""The figures of each person from what was collected."""

from collections.abc import Mapping, Sequence

import numpy as np

from edge.feedback.charts.skill import Rates
from edge.feedback.concordance.kappa import Weights, kappa
from edge.feedback.concordance.ratings import Ratings
from edge.feedback.people.columns import Charted, PersonFound, Rows, SideFound
from edge.feedback.people.curve import curve_of
from edge.feedback.people.figures import Card, Compared, Share, Side, Trust
from edge.feedback.people.pace import bands_of_site, pace_of
from edge.feedback.performance.cohort import Cohort
from edge.feedback.statistics.cases import Cases
from edge.feedback.statistics.tally import Codes, Tally
from edge.inference.statistics import Flags

TOGETHER = "*"
"""In the place of a finding: all of them."""
YOU, OVER_READER = "you", "over-reader"


def cards(persons: Mapping[str, PersonFound], present: frozenset[str], person_of: Sequence[int], rates: Rates) -> dict[str, Card]:
    """By the id of the person, of those who are `present`; the others count for the site only."""
    site = bands_of_site(persons.values())
    return {
        person: Card(
            person=person,
            operator=_side(found.operator, person_of, rates),
            reader=_side(found.reader, person_of, rates),
            trust=_trust(found.trust, person_of),
            paces=tuple(pace_of(protocol, each, site[protocol]) for protocol, each in sorted(found.paces.items()) if each.exams),
        )
        for person, found in sorted(persons.items())
        if person in present
    }


def _side(found: SideFound, person_of: Sequence[int], rates: Rates) -> Side | None:
    if not found.exams:
        return None
    joined = Cohort()
    for cohort in found.cohorts.values():
        joined.extend(cohort)
    return Side(
        exams=found.exams,
        unnamed=found.unnamed,
        chosen=found.chosen,
        together=_compared(TOGETHER, joined.cases(person_of)),
        findings=tuple(_compared(finding, cohort.cases(person_of)) for finding, cohort in sorted(found.cohorts.items())),
        scored=len(found.scores),
        scores=kappa(_ratings(found.scores, person_of), YOU, OVER_READER, Weights.QUADRATIC),
        curves=tuple(curve_of(each, found.trials.get(each, ()), found.untold[each], rates) for each in _charted(found)),
    )


def _charted(found: SideFound) -> list[Charted]:
    """By protocol and finding; the image quality comes last."""
    return sorted(found.trials.keys() | found.untold.keys(), key=lambda each: (each[0], each[1] is None, each[1] or ""))


def _compared(finding: str, cases: Cases) -> Compared:
    has, called, persons = cases.truth == 1, cases.answers == 1, cases.patients
    ratings = Ratings((YOU, OVER_READER), persons, np.column_stack([cases.answers, cases.truth]))
    return Compared(
        finding=finding,
        missed=_share(~called, has, persons),
        overcalled=_share(called, ~has, persons),
        agreement=_share(called == has, np.ones_like(has), persons),
        kappa=kappa(ratings, YOU, OVER_READER),
    )


def _trust(rows: Rows, person_of: Sequence[int]) -> Trust | None:
    if not len(rows):
        return None
    (how, right), persons = rows.pairs().T, rows.persons(person_of)
    return Trust(
        accepted=_share(how == 1, np.ones(len(rows), np.bool_), persons),
        accepted_wrong=_share(how == 1, right == 0, persons),
        rejected_right=_share(how == 0, right == 1, persons),
    )


def _ratings(rows: Rows, person_of: Sequence[int]) -> Ratings:
    return Ratings((YOU, OVER_READER), rows.persons(person_of), rows.pairs())


def _share(hits: Flags, among: Flags, persons: Codes) -> Share:
    tally = Tally.counted(hits, among, persons)
    return Share(hits=tally.hits, of=tally.of, share=tally.share())
