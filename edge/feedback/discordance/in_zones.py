"""The differences in the zones of an exam: between the model, the person who decided, and each reader."""

from collections import defaultdict
from collections.abc import Iterator

from edge.exam.review.labels import Place
from edge.exam.review.review import ReaderVerdict, ReviewKind, answer_of
from edge.exam.verdict import Verdict, stated
from edge.feedback.discordance.difference import By, Difference, Statement, difference
from edge.notice import NOT_VALIDATED
from edge.records.discordance.stated import StatedExam
from edge.records.exams.finding import OPEN
from edge.records.exams.reviews import StoredReview, standing

READ_AS = {
    ReaderVerdict.PRESENT: Verdict.PRESENT,
    ReaderVerdict.ABSENT: Verdict.ABSENT,
    ReaderVerdict.NOT_ASSESSABLE: Verdict.UNSURE,
}
BY = {ReviewKind.FIRST: By.REVIEW, ReviewKind.OVER_READ: By.OVER_READ}


def differences_in_zones(exam: StatedExam) -> tuple[Difference, ...]:
    """Where two of the standing answers on a finding of a zone differ, in the order of the zones.

    The answers are the model's verdict, the decision on it, and each saved review that its reader did not replace. The callers leave out
    exams that are open or simulated, and findings of zones that were taken again.
    """
    places: defaultdict[Place, list[Statement]] = defaultdict(list)
    for place, statement in (*_in_findings(exam), *_in_reviews(exam.reviews)):
        places[place].append(statement)
    found = (difference(exam.id, zone, key, statements) for (zone, key), statements in places.items())
    return tuple(each for each in found if each is not None)


def _in_findings(exam: StatedExam) -> Iterator[tuple[Place, Statement]]:
    for each in exam.findings:
        place = each.zone, each.key
        yield place, Statement(By.MODEL, Verdict(each.verdict), mark=NOT_VALIDATED if each.validated is False else "")
        if each.decision != OPEN:
            yield place, Statement(By.DECISION, stated(each), each.decided_by or "", each.decided_at)


def _in_reviews(reviews: tuple[StoredReview, ...]) -> Iterator[tuple[Place, Statement]]:
    for review in standing(reviews):
        by = BY[ReviewKind(review.kind)]
        for zone, reading in answer_of(review).zones.items():
            for key, verdict in reading.findings.items():
                yield (zone, key), Statement(by, READ_AS[verdict], review.reviewer, review.saved_at, review.blind)
