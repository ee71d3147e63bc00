"""Reviews: which exams wait for a reader, how a review begins and is saved, and who is blind to the answers of others until then."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from edge.exam.exam import ExamRefused
from edge.exam.protocol.file import Catalogue
from edge.exam.reading import ExamReader
from edge.exam.review.review import Answers, ReviewAnswer, ReviewKind, ReviewRefused, answer_of, discordant, fitting, merged
from edge.exam.review.sampling import OverRead, Sampling
from edge.exam.review.showing import Reviewed, after_review
from edge.people.actor import Actor, NotAllowed
from edge.people.permission import BREAK_GLASS, NOBODY, UNCLAIMED, Permission, Verb
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

UNNAMED = frozenset({NOBODY, BREAK_GLASS, UNCLAIMED})
"""Kinds of actor who may be any person."""
UNQUALIFIED = "unqualified"
"""Why an exam without a review waits: its operator is not qualified for it."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """The rule of a site: which exams are over-read, whether a first reader is blind too, and the image quality from which an exam counts.

    `shown_first`: an operator who is not qualified sees what the model states before the review.
    """

    sampling: Sampling
    blind_first: bool
    least_quality: int
    shown_first: bool


def rule_of(policy: SitePolicy) -> ReviewRule:
    """The rule for reviews in the policy of a site; first reads are blind, so that they can be compared with the model."""
    sampling = Sampling(policy.over_read_share, policy.seed, policy.novice_exams)
    return ReviewRule(sampling, blind_first=True, least_quality=policy.min_quality, shown_first=policy.ai_shown_to_unqualified)


class ReviewService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, catalogue: Catalogue, rule: ReviewRule, raised: Callable[[], float] = lambda: 0.0) -> None:
        """`raised` is the share of the exams to over-read that the drift watch of the model asks for now, see `Sampling`."""
        self.rule, self._raised = rule, raised
        self._store, self._reviews = store, Reviews(store)
        self._blind: tuple[str, int, bool] | None = None
        """The exam that was asked for last, the changes of the records at that time, and whether it is read blind."""
        self._exams, self._reader = Exams(store), ExamReader(store, catalogue)

    @property
    def sampling(self) -> Sampling:
        """Which exams are over-read now."""
        return replace(self.rule.sampling, raised=self._raised())

    def queue(self, actor: Actor, limit: int, after: str | None = None) -> tuple[Waiting, ...]:
        """The exams that wait for this reader: first those without a review, then those to be over-read; `after` is a place of `place_of`.

        Raises:
            NotAllowed: the actor is not allowed to review or to over-read.
        """
        actor.require_any(*VERBS.values())
        group, _, exam_id = (after or "0/").partition("/")
        waiting: tuple[Waiting, ...] = ()
        if group == "0" and (protocols := protocols_for(actor, Verb.REVIEW)) != ():
            waiting = self._reviews.never_read(protocols, limit, exam_id or None)
        if len(waiting) < limit and (protocols := protocols_for(actor, Verb.OVER_READ)) != ():
            waiting += self._reviews.to_over_read(protocols, limit - len(waiting), exam_id if group == "1" else None)
        return waiting

    def begin(self, actor: Actor, exam_id: str) -> StoredReview:
        """Begins a review by the actor, or resumes it: a first read before the exam is signed, an over-read afterwards.

        Raises:
            RecordUnknown: no exam has this id.
            NotAllowed: the actor is not allowed to review it.
            ReviewRefused: the exam is open, or the actor has read, taken or signed it.
        """
        actor.require_any(*VERBS.values())
        exam = self._exams.get(exam_id)
        reviews = self._reviews.of_exam(exam_id)
        mine = [review for review in reviews if review.reviewer_id == actor.operator_id]
        kind = ReviewKind(mine[-1].kind) if mine else _kind(exam)
        actor.require(VERBS[kind], exam.protocol)
        if actor.operator_id is None:
            fix = "Sign in: a review belongs to one person"
            raise NotAllowed(f"{actor.name} is not allowed to review", fix, says="review_needs_person")
        if kind is ReviewKind.OVER_READ and not mine:
            _refuse_same(actor, exam, reviews)
        blind = kind is ReviewKind.OVER_READ or self.rule.blind_first
        return self._reviews.begin(actor.name, NewReview(exam_id, kind.value, blind, actor.operator_id))

    def save(self, actor: Actor, review_id: str, answer: ReviewAnswer, seen: int) -> StoredReview:
        """Saves a review permanently, with its differences from the model and from earlier readers.

        Raises:
            RecordUnknown, RecordStale: no review has this id, it is saved already, or its version is not the one `seen`.
            NotAllowed: the review belongs to another reader.
            ReviewRefused: it does not state every finding of every recorded zone.
        """
        review = self.own(actor, review_id)
        exam = self._exams.get(review.exam_id)
        fitting(answer, self._reader.exam(exam))
        others = [each for each in standing(self._reviews.of_exam(exam.id)) if each.reviewer_id != review.reviewer_id]
        before = [answers_of_model(self._exams.findings(exam.id)), *(answer_of(each).answers for each in others)]
        ready = answer.model_dump(mode="json")
        codes = merged(discordant(answer.answers, other) for other in before)
        return self._reviews.save(actor.name, review_id, SavedReview(ready["zones"], ready["quality"], answer.comment, codes), seen)

    def own(self, actor: Actor, review_id: str) -> StoredReview:
        """A review of the actor.

        Raises:
            RecordUnknown: no review has this id.
            NotAllowed: it belongs to another reader, or the actor is no longer allowed to review such exams.
        """
        actor.require_any(*VERBS.values())
        review = self._reviews.get(review_id)
        if review.reviewer_id != actor.operator_id:
            what = f"Review {review_id} belongs to another reader"
            raise NotAllowed(what, "Begin your own review", says="review_of_another")
        actor.require(VERBS[ReviewKind(review.kind)], self._exams.get(review.exam_id).protocol)
        return review

    def to_read(self, actor: Actor, exam_id: str) -> dict[str, list[str]]:
        """The recorded zones of an exam, and the findings that a review has to state for each.

        Raises:
            RecordUnknown, NotAllowed: no exam has this id, or the actor is not allowed to read it.
        """
        actor.require(Verb.READ)
        stored = self._exams.get(exam_id)
        actor.require(Verb.READ, stored.protocol)
        exam = self._reader.exam(stored)
        recorded = (zone.id for zone in exam.protocol.zones if isinstance(exam.zones.get(zone.id), Done))
        return {zone: [*exam.protocol.acquisition(zone).findings] for zone in recorded}

    def of_exam(self, actor: Actor, exam_id: str) -> tuple[StoredReview, ...]:
        """The saved reviews of an exam, and the actor's own; a reader who is blind to the exam sees only their own.

        Raises:
            RecordUnknown, NotAllowed: no exam has this id, or the actor is not allowed to read it.
        """
        actor.require(Verb.READ)
        exam = self._exams.get(exam_id)
        actor.require(Verb.READ, exam.protocol)
        reviews = self._reviews.of_exam(exam_id)
        hidden = self._hides(actor, exam)
        return tuple(each for each in reviews if each.reviewer_id == actor.operator_id or (each.saved_at is not None and not hidden))

    def shows(self, actor: Actor, exam: Reviewed) -> bool:
        """Whether the actor is allowed to see now what the model and other readers state of an exam.

        Raises:
            NotAllowed: the actor is not allowed to look at the appliance at all.
        """
        actor.require(Verb.LOOK)
        return (self.rule.shown_first or after_review(actor, exam)) and not self._hides(actor, exam)

    def shown(self, actor: Actor, exams: Collection[Reviewed]) -> frozenset[str]:
        """Those of many exams, by id, of which `shows` holds; `over_read` is that of each exam as it was read.

        Raises:
            NotAllowed: the actor is not allowed to look at the appliance at all.
        """
        actor.require(Verb.LOOK)
        seen = [exam for exam in exams if self.rule.shown_first or after_review(actor, exam)]
        if actor.operator_id is None:
            return frozenset(exam.id for exam in seen if not self._hides(actor, exam))
        by_exam = self._reviews.by_reader(actor.operator_id, [exam.id for exam in seen])
        each = [(exam, by_exam.get(exam.id, ())) for exam in seen]
        return frozenset(exam.id for exam, mine in each if not (_begun_blind(mine) or (_has_to_read(actor, exam, mine) and exam.over_read)))

    def _hides(self, actor: Actor, exam: Reviewed) -> bool:
        """Whether the answers of the model and of other readers are hidden from an actor who reads blind, or may be that reader.

        They are hidden until a blind review of the actor is saved. An actor who can only over-read has to save the over-read first. Who did
        not sign in may be anybody, and so sees no more than each reader of the exam.
        """
        if actor.kind in UNNAMED:
            return exam.state != DRAFT and self._is_read_blind(exam.id)
        if actor.operator_id is None:
            return False
        mine = [review for review in self._reviews.of_exam(exam.id) if review.reviewer_id == actor.operator_id]
        return _begun_blind(mine) or (_has_to_read(actor, exam, mine) and bool(self._exams.get(exam.id).over_read))

    def _is_read_blind(self, exam_id: str) -> bool:
        """Whether anybody reads an exam blind now, or still has to; the live page asks for one exam many times a second."""
        changes, known = self._store.changes, self._blind
        if known is None or known[:2] != (exam_id, changes):
            reviews = self._reviews.of_exam(exam_id)
            begun = any(review.blind and review.saved_at is None for review in reviews)
            over_read = any(review.kind == ReviewKind.OVER_READ and review.saved_at for review in reviews)
            known = self._blind = exam_id, changes, begun or (bool(self._exams.get(exam_id).over_read) and not over_read)
        return known[2]


def place_of(waiting: Waiting) -> str:
    """The place of an exam in the queue."""
    return f"{0 if waiting.state == PRELIMINARY else 1}/{waiting.exam_id}"


def reasons_of(waiting: Waiting) -> tuple[str, ...]:
    """Why an exam waits, as codes."""
    return (UNQUALIFIED,) if waiting.state == PRELIMINARY else tuple(OverRead(reason).value for reason in waiting.over_read)


def findings_hidden() -> ExamRefused:
    """Refuses an actor to whom an exam is not shown yet."""
    return ExamRefused(
        "The findings of this exam are not shown to you yet", "Save your own review, or ask an interpreter", says="findings_hidden"
    )


def answers_of_model(findings: Iterable[StoredFinding]) -> Answers:
    """The answers of the model on the newest clip of each zone."""
    answers: dict[str, dict[str, str]] = {}
    for finding in findings:
        if finding.superseded_at is None:
            answers.setdefault(finding.zone, {})[finding.key] = finding.verdict
    return answers


def protocols_for(actor: Actor, verb: Verb) -> Protocols:
    """The protocols under which the actor is allowed an act; None: every one."""
    if actor.permission(verb, ANY) is not Permission.DENY:
        return None
    return tuple(grant.protocol for grant in actor.grants if actor.permission(verb, grant.protocol) is not Permission.DENY)


def _kind(exam: StoredExam) -> ReviewKind:
    if exam.state == DRAFT:
        raise ReviewRefused("The exam is still open", "End it first", says="review_exam_open")
    return ReviewKind.FIRST if exam.state == PRELIMINARY else ReviewKind.OVER_READ


def _refuse_same(actor: Actor, exam: StoredExam, reviews: Iterable[StoredReview]) -> None:
    readers = {review.reviewer_id for review in reviews}
    if actor.operator_id in readers or actor.operator_id == exam.operator_id or actor.name == exam.signed_by:
        what = "An over-read needs a reader who has neither taken, read nor signed the exam"
        raise ReviewRefused(what, "Leave it to another reader", says="review_same_reader")


def _begun_blind(mine: Iterable[StoredReview]) -> bool:
    return any(review.blind and review.saved_at is None for review in mine)


def _has_to_read(actor: Actor, exam: Reviewed, mine: Iterable[StoredReview]) -> bool:
    """Whether the actor, who has the reviews `mine`, can only over-read, and has not done so, where the exam is to be over-read."""
    over_reader = _may(actor, Verb.OVER_READ, exam) and not _may(actor, Verb.DECIDE, exam)
    return over_reader and not any(review.saved_at for review in mine)


def _may(actor: Actor, verb: Verb, exam: Reviewed) -> bool:
    return actor.permission(verb, exam.protocol) is not Permission.DENY
