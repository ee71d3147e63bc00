"""What a person answered of an exam: decisions on the model's findings, or the first saved review.

A decision counts for who made it, also where another person replaced it later: the replaced ones are often the wrong ones. Of a reader the
first saved review counts: a corrected one was made with the answers of others in view.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.exam.protocol.protocol import ScoreRule
from edge.exam.protocol.score import zone_score
from edge.exam.review.labels import Place
from edge.exam.review.review import ReaderVerdict, ReviewAnswer
from edge.exam.verdict import Verdict, stated
from edge.feedback.people.persons import People
from edge.records.exams.answered import Answer, AnsweredExam
from edge.records.exams.finding import OPEN
from edge.records.exams.replaced import Replaced
from edge.records.exams.reviews import StoredReview

VERDICTS = {
    ReaderVerdict.PRESENT: Verdict.PRESENT,
    ReaderVerdict.ABSENT: Verdict.ABSENT,
    ReaderVerdict.NOT_ASSESSABLE: Verdict.UNSURE,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A person's last decision on a finding of the model; `verdict` is the model's, see `FindingRow`."""

    person: str
    zone: str
    key: str
    verdict: str
    decision: str
    decided: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person stated: whether a finding is present in a zone, and how a zone scores. `untold`: they can't tell.

    `scores` are stated by the person. `readable` are those that the findings of a zone leave, or the stated ones, on the scale of what the
    findings can tell: a pattern that they cannot tell from the next lower one counts as that one. A reader without a score is compared so.
    """

    has: Mapping[Place, bool]
    untold: frozenset[Place]
    scores: Mapping[str, int]
    readable: Mapping[str, int]

    @classmethod
    def of(cls, by_zone: Mapping[str, Mapping[str, Verdict]], scores: Mapping[str, int], rule: ScoreRule | None) -> "Answered":
        """`rule` is that of the protocol; None: it is unknown."""
        places = {(zone, key): verdict for zone, findings in by_zone.items() for key, verdict in findings.items()}
        has = {place: verdict is Verdict.PRESENT for place, verdict in places.items() if verdict is not Verdict.UNSURE}
        untold = frozenset(places.keys() - has.keys())
        if rule is None:
            return cls(has, untold, scores, {})
        of_findings = {zone: score.low for zone, each in by_zone.items() if (score := zone_score(rule, each)).settled}
        return cls(has, untold, scores, {**of_findings, **{zone: _readable(rule, score) for zone, score in scores.items()}})


def decisions_of(exam: AnsweredExam, replaced: Mapping[str, Sequence[Replaced]], people: People, until: datetime) -> Iterator[Made]:
    """The last decision of each person on each finding that holds, before `until`."""
    for answer in exam.answers:
        if answer.superseded_at is None and (answer.decision != OPEN or answer.id in replaced):
            yield from _last_of_each(answer, (*replaced.get(answer.id, ()), answer), people, until)


def answered_by(decisions: Sequence[Made], rule: ScoreRule | None) -> Answered:
    """What a person stated with decisions."""
    by_zone: dict[str, dict[str, Verdict]] = {}
    for each in decisions:
        by_zone.setdefault(each.zone, {})[each.key] = stated(each)
    return Answered.of(by_zone, {}, rule)


def answered_in(review: ReviewAnswer, rule: ScoreRule | None) -> Answered:
    """What a reader stated in a review."""
    by_zone: dict[str, dict[str, Verdict]] = {
        zone: {key: VERDICTS[verdict] for key, verdict in each.findings.items()} for zone, each in review.zones.items()
    }
    return Answered.of(by_zone, scores_in(review), rule)


def scores_in(review: ReviewAnswer) -> dict[str, int]:
    """The scores that a reader stated, by zone."""
    return {zone: each.score for zone, each in review.zones.items() if each.score is not None}


def first_reviews(reviews: Sequence[StoredReview]) -> tuple[StoredReview, ...]:
    """Of each reader; `reviews` are saved ones in the order in which they were begun."""
    first: dict[str, StoredReview] = {}
    for review in reviews:
        first.setdefault(review.reviewer_id, review)
    return tuple(first.values())


def _last_of_each(answer: Answer, decisions: Sequence[Replaced | Answer], people: People, until: datetime) -> Iterator[Made]:
    last: dict[str, Made] = {}
    for each in decisions:
        person = people.called(each.decided_by)
        if person is not None and each.decided_at is not None and each.decided_at < until and each.decision != OPEN:
            last[person] = Made(person, answer.zone, answer.key, answer.verdict, each.decision, each.decided)
    yield from last.values()


def _readable(rule: ScoreRule, score: int) -> int:
    return max((pattern.score for pattern in rule.patterns if not pattern.unreadable and pattern.score <= score), default=score)
