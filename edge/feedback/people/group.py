"""How far the readers of a site agree, all together and without names. Only blind reviews count: who sees an answer repeats it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from edge.exam.review.labels import Label, Place, labels_of
from edge.exam.review.review import answer_of
from edge.feedback.agreement import LEAST
from edge.feedback.concordance.icc import icc_agreement
from edge.feedback.concordance.many import Level, alpha, fleiss
from edge.feedback.concordance.ratings import Rating, Ratings
from edge.feedback.people.answers import scores_in
from edge.feedback.people.figures import Group, GroupFinding
from edge.feedback.statistics.figure import NoFigure
from edge.records.exams.answered import AnsweredExam
from edge.records.exams.reviews import StoredReview


@dataclass(frozen=True, slots=True)
class _Rated:
    case: str
    patient: int
    reader: str
    value: float


class Readers:
    """Takes the reviews of exams one by one."""

    def __init__(self) -> None:
        self._findings = defaultdict[str, list[_Rated]](list)
        self._scores, self._totals = list[_Rated](), list[_Rated]()
        self._names = set[str]()

    def add(self, exam: AnsweredExam, reviews: Sequence[StoredReview], patient: int) -> None:
        """Adds the reviews of an exam of the patient with this number, if two readers or more were blind."""
        blind = [(review, labels) for review in reviews if (labels := _blind(exam, review))]
        if len(blind) < 2:
            return
        for review, labels in blind:
            reader = review.reviewer_id
            self._names.add(reader)
            for place, label in labels.items():
                self._findings[place[1]].append(_Rated(f"{exam.id}/{place[0]}", patient, reader, label.has))
            answer = answer_of(review)
            scores = scores_in(answer)
            self._scores += (_Rated(f"{exam.id}/{zone}", patient, reader, score) for zone, score in scores.items())
            if scores.keys() == answer.zones.keys():
                self._totals.append(_Rated(exam.id, patient, reader, sum(scores.values())))

    def group(self, person_of: Sequence[int]) -> Group | None:
        """The figures; None where there are fewer than `LEAST` readers, of whom they could tell."""
        if len(self._names) < LEAST:
            return None
        ratings = {finding: _ratings(rated, person_of) for finding, rated in sorted(self._findings.items())}
        scores, totals = _ratings(self._scores, person_of), _ratings(_one_each(self._totals, person_of), person_of)
        return Group(
            readers=len(self._names),
            findings=tuple(_finding(finding, each) for finding, each in ratings.items()),
            scores=scores if isinstance(scores, NoFigure) else alpha(scores, Level.ORDINAL),
            icc=totals if isinstance(totals, NoFigure) else icc_agreement(totals),
        )


def _blind(exam: AnsweredExam, review: StoredReview) -> dict[Place, Label]:
    """The labels of a review, if its reader was blind; where they were not, and in decisions, no label is."""
    labels = labels_of(exam, exam.answers, (review,))
    return {(zone, key): label for zone, each in labels.items() for key, label in each.items() if label is not None and label.blind}


def _finding(finding: str, ratings: Ratings | NoFigure) -> GroupFinding:
    if isinstance(ratings, NoFigure):
        return GroupFinding(finding=finding, fleiss=ratings, alpha=ratings)
    return GroupFinding(finding=finding, fleiss=fleiss(ratings), alpha=alpha(ratings))


def _ratings(rated: Sequence[_Rated], person_of: Sequence[int]) -> Ratings | NoFigure:
    return Ratings.of(Rating(each.case, str(person_of[each.patient]), each.reader, each.value) for each in rated)


def _one_each(rated: Sequence[_Rated], person_of: Sequence[int]) -> list[_Rated]:
    """The first exam of each person: this correlation takes cases for independent."""
    first: dict[int, str] = {}
    return [each for each in rated if first.setdefault(person_of[each.patient], each.case) == each.case]
