"""The queue of differences: where the answers on exams differ, until a person has stated why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import StoredProtocols
from edge.feedback.discordance.cause import RootCause
from edge.feedback.discordance.difference import Difference, Kind
from edge.feedback.discordance.in_exam import differences_in_exam, tells_of_signs
from edge.feedback.discordance.in_zones import differences_in_zones
from edge.feedback.performance.signs import ExamSigns
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.discordance.closings import Closings, NewClosing, Place, StoredClosing
from edge.records.discordance.stated import StatedExam, StatedExams
from edge.records.errors import RecordStale
from edge.records.exams.answered import AnsweredExams
from edge.records.exams.exams import Exams
from edge.records.store import Store
from edge.services.book import readable
from edge.services.review import ReviewService, findings_hidden
from firmware_bridge.errors import InputRefused

AT_ONCE = 100
"""Exams that are read together."""
LOOKED_AT = 500
"""After so many exams an answer ends, so that none takes long: where nearly all differences are closed, a page can be short, or empty."""


class DifferenceGone(RecordStale):
    """An answer has changed since the person looked, and with it the difference."""

    code = "difference-changed"
    says_code = "difference_changed"


class ClosingRefused(InputRefused):
    """The difference cannot be closed, or opened again, in this way."""

    code = "closing-refused"


@dataclass(frozen=True, slots=True)
class Listed:
    """A difference with its exam and its newest closing, which is None where there was never one.

    `closed`: that closing holds. It does not where it was withdrawn, or where an answer is another one since.
    """

    difference: Difference
    exam: StatedExam
    closing: StoredClosing | None

    @property
    def closed(self) -> bool:
        last = self.closing
        return last is not None and last.withdrawn_at is None and list(last.answers) == self.difference.answers


@dataclass(frozen=True, slots=True)
class Why:
    """The root cause that a person states, and what there is to add; `seen` is that of the difference as the person saw it."""

    cause: RootCause
    note: str
    seen: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Some of the differences, those of the newest exams first. `after` is where the next ones begin; None: these are the last ones."""

    items: tuple[Listed, ...]
    after: str | None


class DiscordanceService:
    """Any thread may use it; each method waits for the disk. Nothing but the closings is stored: the queue is what the records state."""

    def __init__(self, store: Store, catalogue: Catalogue, reviews: ReviewService) -> None:
        self._stated, self._closings, self._exams = StatedExams(store), Closings(store), Exams(store)
        self._answered, self._signs = AnsweredExams(store), ExamSigns(StoredProtocols(store, catalogue))
        self._reviews = reviews

    def queue(self, actor: Actor, limit: int, after: str | None = None, kind: Kind | None = None, *, closed: bool = False) -> Queue:
        """The open differences, or the closed ones, of one kind or of all, of exams that the actor is allowed to read.

        Exams of which the actor is not allowed to see yet what is stated are left out: a blind reader learns nothing. A page has whole
        exams, so it can have some differences more than `limit`, and it can be short: see `LOOKED_AT`.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        found, protocols = list[Listed](), readable(actor)
        for _ in range(LOOKED_AT // AT_ONCE):
            exams = self._stated.newest(AT_ONCE, after, protocols, closed=closed)
            for exam, differences in self._differing(actor, exams):
                after = exam.id
                found += [each for each in differences if each.closed is closed and kind in (None, each.difference.kind)]
                if len(found) >= limit:
                    return Queue(tuple(found), after)
            if len(exams) < AT_ONCE:
                return Queue(tuple(found), None)
            after = exams[-1].id
        return Queue(tuple(found), after)

    def causes(self, actor: Actor) -> dict[RootCause, int]:
        """For how many differences a person stated each root cause, over the exams that the actor is allowed to read.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        counted = self._closings.by_cause(readable(actor))
        return {cause: counted.get(cause.value, 0) for cause in RootCause}

    def close(self, actor: Actor, place: Place, why: Why) -> Listed:
        """Closes the difference at a place by its root cause.

        Nobody closes a difference that only they make: where the others agree as far as they can, another person judges who was right.

        Raises:
            RecordUnknown: no exam has this id.
            NotAllowed: the actor is not allowed to over-read it, or is no person.
            ExamRefused: what is stated of it is not shown to the actor yet.
            DifferenceGone: the answers do not differ there, or others than the actor saw.
            ClosingRefused: only the actor's own answer makes the difference.
            ClosedBefore: it is closed already.
        """
        actor.require(Verb.OVER_READ)
        self._require_over_read(actor, place[0])
        differing = self._differing(actor, self._stated.of(place[0]))
        listed = next((each for _, found in differing for each in found if each.difference.place == place), None)
        if listed is None or listed.difference.seen != why.seen:
            raise DifferenceGone("An answer has changed since you looked", "Look at the queue again")
        if listed.difference.is_own(actor.name):
            what, fix = "Only your own answer makes this difference", "Leave it to another person who over-reads"
            raise ClosingRefused(what, fix, says="difference_own")
        closing = self._closings.close(actor.name, NewClosing(*place, why.cause.value, why.note, listed.difference.answers))
        return Listed(listed.difference, listed.exam, closing)

    def withdraw(self, actor: Actor, closing_id: str, why: str) -> StoredClosing:
        """Opens a closed difference again; the closing stays recorded.

        Raises:
            RecordUnknown: no closing has this id.
            NotAllowed: the actor is not allowed to over-read its exam, or is no person.
            ClosingRefused: no reason was given.
            ClosingWithdrawn: it was withdrawn before.
        """
        actor.require(Verb.OVER_READ)
        self._require_over_read(actor, self._closings.get(closing_id).exam_id)
        if not why.strip():
            what, fix = "A difference is not opened again without a reason", "State why it was closed wrongly"
            raise ClosingRefused(what, fix, says="closing_no_reason")
        return self._closings.withdraw(actor.name, closing_id, why.strip())

    def _require_over_read(self, actor: Actor, exam_id: str) -> None:
        exam = self._exams.get(exam_id)
        actor.require_reach(exam.session_id)
        actor.require(Verb.OVER_READ, exam.protocol)
        if not self._reviews.shows(actor, exam):
            raise findings_hidden()

    def _differing(self, actor: Actor, exams: Sequence[StatedExam]) -> Iterator[tuple[StatedExam, list[Listed]]]:
        shown = self._reviews.shown(actor, exams)
        visible = [exam for exam in exams if exam.id in shown]
        closings, of_signs = self._closings.newest([exam.id for exam in visible]), self._of_signs(visible)
        for exam in visible:
            differences = (*of_signs.get(exam.id, ()), *differences_in_zones(exam))
            yield exam, [Listed(each, exam, closings.get(each.place)) for each in differences]

    def _of_signs(self, exams: Sequence[StatedExam]) -> dict[str, tuple[Difference, ...]]:
        outcomes = {exam.id: exam.outcomes for exam in exams if tells_of_signs(exam.outcomes)}
        return {exam.id: differences_in_exam(exam, outcomes[exam.id], self._signs) for exam in self._answered.each(outcomes)}
