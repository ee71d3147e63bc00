"""Reviews: what waits for a reader, a review from its begin to its saving, and from whom the answers of others are hidden until then."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.exam.protocol.file import Catalogue
from edge.exam.reading import ExamReader
from edge.exam.review.review import Answers, ReviewAnswer, ReviewKind, ReviewRefused, discordant, fitting, merged
from edge.exam.review.sampling import OverRead, Sampling
from edge.exam.review.showing import Reviewed, after_review
from edge.people.actor import Actor, NotAllowed
from edge.people.permission import Permission, Verb
from edge.people.policy import SitePolicy
from edge.records.exams.exams import Exams
from edge.records.exams.facts import DRAFT, PRELIMINARY
from edge.records.exams.finding import StoredFinding
from edge.records.exams.forms import StoredExam
from edge.records.exams.reviews import NewReview, Protocols, Reviews, SavedReview, StoredReview, Waiting, standing
from edge.records.exams.states import Done
from edge.records.schema import ANY
from edge.records.store import Store

VERBS = {ReviewKind.FIRST: Verb.REVIEW, ReviewKind.OVER_READ: Verb.OVER_READ}

UNQUALIFIED = "unqualified"
"""Why an exam waits that nobody has read: its operator is not qualified for it."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """A site's rule: which exams are over-read, whether a first reader is blind too, and which image quality makes an exam count.

    `shown_first`: an operator who is not qualified sees what the model says before the review.
    """

    sampling: Sampling
    blind_first: bool
    least_quality: int
    shown_first: bool


def rule_of(policy: SitePolicy) -> ReviewRule:
    """The part of a site's policy that reviews follow; first reads are blind, so that they can be compared with the model."""
    sampling = Sampling(policy.over_read_share, policy.seed, policy.novice_exams)
    return ReviewRule(sampling, blind_first=True, least_quality=policy.min_quality, shown_first=policy.ai_shown_to_unqualified)


class ReviewService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, catalogue: Catalogue, rule: ReviewRule) -> None:
        self.rule = rule
        self.reviews = Reviews(store)
        self._exams, self._reader = Exams(store), ExamReader(store, catalogue)

    def queue(self, actor: Actor, limit: int, after: str | None = None) -> tuple[Waiting, ...]:
        """What waits for this reader: exams that nobody has read first, then those to be over-read; `after` is a `place` in it."""
        group, _, exam_id = (after or "0/").partition("/")
        waiting: tuple[Waiting, ...] = ()
        if group == "0" and (protocols := protocols_for(actor, Verb.REVIEW)) != ():
            waiting = self.reviews.never_read(protocols, limit, exam_id or None)
        if len(waiting) < limit and (protocols := protocols_for(actor, Verb.OVER_READ)) != ():
            waiting += self.reviews.to_over_read(protocols, limit - len(waiting), exam_id if group == "1" else None)
        return waiting

    def begin(self, actor: Actor, exam_id: str) -> StoredReview:
        """A review of an exam by whoever asks, or the one that they have begun: a first read before it is signed, an over-read after.

        Raises:
            RecordUnknown: there is no such exam.
            NotAllowed: who asks may not read it.
            ReviewRefused: it is still being taken, or who asks has read, taken or signed it.
        """
        exam = self._exams.get(exam_id)
        reviews = self.reviews.of_exam(exam_id)
        mine = [review for review in reviews if review.reviewer_id == actor.operator_id]
        kind = ReviewKind(mine[-1].kind) if mine else _kind(exam)
        actor.require(VERBS[kind], exam.protocol)
        if actor.operator_id is None:
            raise NotAllowed(f"{actor.name} may not review", "Sign in: a review is somebody's own")
        if kind is ReviewKind.OVER_READ and not mine:
            _refuse_same(actor, exam, reviews)
        blind = kind is ReviewKind.OVER_READ or self.rule.blind_first
        return self.reviews.begin(actor.name, NewReview(exam_id, kind.value, blind, actor.operator_id))

    def save(self, actor: Actor, review_id: str, answer: ReviewAnswer, seen: int) -> StoredReview:
        """Saves a review for good, together with where it departs from the model and from those who read before.

        Raises:
            RecordUnknown, RecordStale: there is none, it is saved already, or of another version than the one `seen`.
            NotAllowed: it is another reader's.
            ReviewRefused: it does not tell every finding of every recorded zone.
        """
        review = self.own(actor, review_id)
        exam = self._exams.get(review.exam_id)
        fitting(answer, self._reader.exam(exam))
        others = [each for each in standing(self.reviews.of_exam(exam.id)) if each.reviewer_id != review.reviewer_id]
        before = [answers_of_model(self._exams.findings(exam.id)), *(answer_of(each).answers for each in others)]
        ready = answer.model_dump(mode="json")
        codes = merged(discordant(answer.answers, other) for other in before)
        return self.reviews.save(actor.name, review_id, SavedReview(ready["zones"], ready["quality"], answer.comment, codes), seen)

    def own(self, actor: Actor, review_id: str) -> StoredReview:
        """A review of whoever asks.

        Raises:
            RecordUnknown: there is none with this id.
            NotAllowed: it is another reader's, or who asks may not review such exams any more.
        """
        review = self.reviews.get(review_id)
        if review.reviewer_id != actor.operator_id:
            raise NotAllowed(f"Review {review_id} is another reader's", "Begin your own")
        actor.require(VERBS[ReviewKind(review.kind)], self._exams.get(review.exam_id).protocol)
        return review

    def to_read(self, review: StoredReview) -> dict[str, list[str]]:
        """The recorded zones, and the findings that are to be stated of each."""
        exam = self._reader.exam(self._exams.get(review.exam_id))
        recorded = (zone.id for zone in exam.protocol.zones if isinstance(exam.zones.get(zone.id), Done))
        return {zone: [*exam.protocol.acquisition(zone).findings] for zone in recorded}

    def of_exam(self, actor: Actor, exam_id: str) -> tuple[StoredReview, ...]:
        """The reviews of an exam; to a reader who is blind to it only their own, and nobody's before it is saved.

        Raises:
            RecordUnknown, NotAllowed: there is no such exam, or who asks may not read it.
        """
        exam = self._exams.get(exam_id)
        actor.require(Verb.READ, exam.protocol)
        reviews = self.reviews.of_exam(exam_id)
        hidden = self.hides(actor, exam)
        return tuple(each for each in reviews if each.reviewer_id == actor.operator_id or (each.saved_at is not None and not hidden))

    def shows(self, actor: Actor, exam: Reviewed) -> bool:
        """Whether somebody may see now what the model and other readers say of an exam."""
        return (self.rule.shown_first or after_review(actor, exam)) and not self.hides(actor, exam)

    def hides(self, actor: Actor, exam: Reviewed) -> bool:
        """Whether the answers of the model and of other readers are hidden from somebody who reads blind.

        So it is while a blind review of theirs is not saved, and for who can only over-read, before they have over-read it.
        """
        if actor.operator_id is None:
            return False
        mine = [review for review in self.reviews.of_exam(exam.id) if review.reviewer_id == actor.operator_id]
        if any(review.blind and review.saved_at is None for review in mine):
            return True
        over_reader = _may(actor, Verb.OVER_READ, exam) and not _may(actor, Verb.DECIDE, exam)
        return over_reader and not any(review.saved_at for review in mine) and bool(self._exams.get(exam.id).over_read)


def place_of(waiting: Waiting) -> str:
    """Where an exam stands in the queue."""
    return f"{0 if waiting.state == PRELIMINARY else 1}/{waiting.exam_id}"


def reasons_of(waiting: Waiting) -> tuple[str, ...]:
    """Why it waits, as codes."""
    return (UNQUALIFIED,) if waiting.state == PRELIMINARY else tuple(OverRead(reason).value for reason in waiting.over_read)


def answers_of_model(findings: Iterable[StoredFinding]) -> Answers:
    """The answers of the model, of zones as they were taken last."""
    answers: dict[str, dict[str, str]] = {}
    for finding in findings:
        if finding.superseded_at is None:
            answers.setdefault(finding.zone, {})[finding.key] = finding.verdict
    return answers


def answer_of(review: StoredReview) -> ReviewAnswer:
    """What a saved review holds."""
    return ReviewAnswer.model_validate({"zones": review.zones, "quality": review.quality, "comment": review.comment})


def protocols_for(actor: Actor, verb: Verb) -> Protocols:
    """The protocols under which somebody may do something; None: every one."""
    if actor.permission(verb, ANY) is not Permission.DENY:
        return None
    return tuple(grant.protocol for grant in actor.grants if actor.permission(verb, grant.protocol) is not Permission.DENY)


def _kind(exam: StoredExam) -> ReviewKind:
    if exam.state == DRAFT:
        raise ReviewRefused("The exam is still being taken", "End it first")
    return ReviewKind.FIRST if exam.state == PRELIMINARY else ReviewKind.OVER_READ


def _refuse_same(actor: Actor, exam: StoredExam, reviews: Iterable[StoredReview]) -> None:
    readers = {review.reviewer_id for review in reviews}
    if actor.operator_id in readers or actor.operator_id == exam.operator_id or actor.name == exam.signed_by:
        raise ReviewRefused("An over-read is by somebody who has neither taken, read nor signed the exam", "Leave it to another reader")


def _may(actor: Actor, verb: Verb, exam: Reviewed) -> bool:
    return actor.permission(verb, exam.protocol) is not Permission.DENY
