"""Collects what people did in the exams of a site: the exams go by one after another, and only columns stay."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import nan

from edge.exam.protocol.protocol import Protocol, ScoreRule
from edge.exam.protocol.stored import ProtocolTextMissing, StoredProtocols
from edge.exam.review.labels import Place
from edge.exam.review.review import ReviewKind, answer_of
from edge.exam.review.sampling import OverRead
from edge.exam.verdict import Verdict, stated
from edge.feedback.people.answers import Answered, Made, answered_by, answered_in, decisions_of, first_reviews
from edge.feedback.people.columns import Numbered, PersonFound, SideFound, Trial
from edge.feedback.people.group import Readers
from edge.feedback.people.over_read import Truth, truth_for
from edge.feedback.people.pace import add_pace
from edge.feedback.people.persons import People
from edge.records.exams.answered import AnsweredExam
from edge.records.exams.replaced import Replaced
from edge.records.exams.reviews import StoredReview, standing

HOW = {True: 1.0, False: 0.0}
FOR_ITS_ANSWERS = frozenset({OverRead.DISCORDANT.value, OverRead.ABSTAINED.value})
"""An exam that is over-read for no other reason is a difficult one: with it, everybody would look worse than they are."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts: what was recorded before `until`; `replaced` decisions are by finding, and `min_quality` is that of the site policy."""

    until: datetime
    people: People
    replaced: Mapping[str, Sequence[Replaced]]
    min_quality: int


@dataclass(frozen=True, slots=True)
class _Known:
    """An exam with what holds of all of it; `patient` is None where it has none, and `protocol` where its text is missing.

    `chosen`: it was over-read only for its answers.
    """

    exam: AnsweredExam
    protocol: Protocol | None
    reviews: Sequence[StoredReview]
    over_reads: Sequence[StoredReview]
    chosen: bool
    patient: int | None

    @property
    def rule(self) -> ScoreRule | None:
        return None if self.protocol is None else self.protocol.score

    def in_order(self, places: Iterable[Place]) -> list[Place]:
        """As the protocol orders the zones."""
        zones = {} if self.protocol is None else {zone.id: number for number, zone in enumerate(self.protocol.zones)}
        return sorted(places, key=lambda place: (zones.get(place[0], len(zones)), place))


class Collector:
    """Takes the exams one by one, in their order."""

    def __init__(self, protocols: StoredProtocols, counting: Counting) -> None:
        self.patients, self.persons, self.readers = Numbered(), defaultdict[str, PersonFound](PersonFound), Readers()
        self._protocols, self._counting = protocols, counting

    def add(self, exam: AnsweredExam) -> None:
        """Adds what an exam tells of the people in it."""
        until = self._counting.until
        saved = [review for review in exam.reviews if review.saved_at is not None and review.saved_at < until]
        decisions = [*decisions_of(exam, self._counting.replaced, self._counting.people, until)]
        if exam.operator_id is not None and exam.ended_at is not None and exam.ended_at < until:
            add_pace(self.persons[exam.operator_id].paces[exam.protocol], exam)
        if not saved and not decisions:
            return
        reviews = [review for review in saved if not _is_chosen(exam, review)]
        over_reads = [review for review in standing(reviews) if self._counting.people.reads_over(review, exam.protocol)]
        patient = None if exam.patient is None else self.patients.number(exam.patient)
        known = _Known(exam, self._protocol(exam), reviews, over_reads, len(reviews) < len(saved), patient)
        self._add_trust(known, decisions)
        self._add_operator(known, decisions)
        self._add_readers(known)

    def _add_trust(self, known: _Known, decisions: Sequence[Made]) -> None:
        """Every decision counts for who made it, also in exams that another person took."""
        if known.patient is None:
            return
        truths = {person: truth_for(person, known.exam, known.over_reads, None) for person in {each.person for each in decisions}}
        for each in decisions:
            model, by_person, truth = Verdict(each.verdict), stated(each), truths[each.person]
            if model is Verdict.UNSURE:
                continue
            how = nan if by_person is Verdict.UNSURE else HOW[by_person is model]
            has = None if truth is None else truth.has.get((each.zone, each.key))
            self.persons[each.person].trust.add(known.patient, how, nan if has is None else HOW[has is (model is Verdict.PRESENT)])

    def _add_operator(self, known: _Known, decisions: Sequence[Made]) -> None:
        """Images count for who took the exam, also where that person decided nothing."""
        exam, person = known.exam, known.exam.operator_id
        if person is None:
            return
        side, truth = self.persons[person].operator, truth_for(person, exam, known.over_reads, known.rule)
        if truth is None:
            side.chosen += known.chosen
            return
        answered = answered_by([each for each in decisions if each.person == person], known.rule)
        poor = truth.quality < self._counting.min_quality
        side.trials[exam.protocol, None].append(Trial(exam.id, exam.begun_at, None, poor))
        _add_side(side, known, answered, truth)
        _add_scores(side, known, answered.readable, truth.readable)

    def _add_readers(self, known: _Known) -> None:
        """The images of an exam are not the reader's."""
        reviews = first_reviews(known.reviews)
        for review in reviews:
            side = self.persons[review.reviewer_id].reader
            truth = truth_for(review.reviewer_id, known.exam, known.over_reads, known.rule)
            if truth is None:
                side.chosen += known.chosen
            else:
                answered = answered_in(answer_of(review), known.rule)
                _add_side(side, known, answered, truth)
                _add_scores(side, known, answered.scores, truth.scores)
        if known.patient is not None:
            self.readers.add(known.exam, reviews, known.patient)

    def _protocol(self, exam: AnsweredExam) -> Protocol | None:
        try:
            return self._protocols.of(exam)
        except ProtocolTextMissing:
            return None


def _is_chosen(exam: AnsweredExam, review: StoredReview) -> bool:
    return review.kind == ReviewKind.OVER_READ.value and bool(exam.over_read) and FOR_ITS_ANSWERS.issuperset(exam.over_read)


def _add_side(side: SideFound, known: _Known, answered: Answered, truth: Truth) -> None:
    """A zone is a trial where both state something."""
    exam, side.exams = known.exam, side.exams + 1
    both = known.in_order(answered.has.keys() & truth.has.keys())
    untold = (answered.has.keys() | answered.untold) & (truth.has.keys() | truth.untold) - set(both)
    side.untold.update((exam.protocol, finding) for _, finding in untold)
    for zone, finding in both:
        failed = answered.has[zone, finding] is not truth.has[zone, finding]
        side.trials[exam.protocol, finding].append(Trial(exam.id, exam.begun_at, zone, failed))
    if known.patient is None:
        side.unnamed += 1
        return
    for place in both:
        side.add(known.patient, place[1], has=truth.has[place], stated=answered.has[place])


def _add_scores(side: SideFound, known: _Known, mine: Mapping[str, int], theirs: Mapping[str, int]) -> None:
    if known.patient is not None:
        for zone in sorted(mine.keys() & theirs.keys()):
            side.scores.add(known.patient, mine[zone], theirs[zone])
