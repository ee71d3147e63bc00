"""What is true for a person: what over-readers state in the same exam, never what the person states."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.exam.protocol.protocol import ScoreRule
from edge.exam.review.labels import Place, labels_of
from edge.exam.review.review import answer_of
from edge.feedback.people.answers import answered_in
from edge.records.exams.answered import AnsweredExam
from edge.records.exams.reviews import StoredReview


@dataclass(frozen=True, slots=True)
class Truth:
    """What over-readers state, where they do not contradict each other; see `edge.feedback.people.answers.Answered`.

    `quality` is the best that one of them gave to the images, 1 to 5: one good enough review is enough for an exam to count for a
    qualification.
    """

    has: Mapping[Place, bool]
    untold: frozenset[Place]
    scores: Mapping[str, int]
    readable: Mapping[str, int]
    quality: int


def truth_for(person: str | None, exam: AnsweredExam, over_reads: Sequence[StoredReview], rule: ScoreRule | None) -> Truth | None:
    """The truth of an exam for a person; None where nobody else has over-read it. Where an over-reader is blind, only blind ones count."""
    others = [review for review in over_reads if review.reviewer_id != person]
    if not others:
        return None
    labels = labels_of(exam, (), others)
    has = {(zone, key): label.has for zone, each in labels.items() for key, label in each.items() if label is not None}
    answers = [answer_of(review) for review in others]
    each = [answered_in(answer, rule) for answer in answers]
    quality = max(answer.quality.value for answer in answers)
    untold = frozenset(place for one in each for place in one.untold if place[1] not in labels.get(place[0], {}))
    return Truth(has, untold, _agreed(one.scores for one in each), _agreed(one.readable for one in each), quality)


def _agreed(scores: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The scores that do not differ, by zone."""
    by_zone = defaultdict[str, set[int]](set)
    for each in scores:
        for zone, score in each.items():
            by_zone[zone].add(score)
    return {zone: each.pop() for zone, each in by_zone.items() if len(each) == 1}
