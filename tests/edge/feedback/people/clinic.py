"""A clinic of which people take exams, decide on them, read them and read them over; its cards are those of the next day."""

from datetime import timedelta

from edge.feedback.people.compute import cards_of
from edge.feedback.progress import Progress
from edge.people.permission import Role
from edge.records.clock import wall
from edge.records.exams.findings import Findings
from edge.records.exams.reviews import NewReview, Reviews, SavedReview
from edge.records.people.operators import Operators
from edge.records.schema import ANY, ExamRow
from tests.edge.exchange.conftest import KEYS
from tests.edge.feedback.performance.clinic import SmallClinic

HAND_COUNTED = (
    *[("present", "present")] * 4,
    *[("absent", "present")] * 2,
    *[("absent", "absent")] * 6,
    ("present", "absent"),
    ("present", "not assessable"),
    (None, "present"),
)
"""What Sara and the over-reader state of each finding, patient by patient; None: she decides nothing."""


class PeopleClinic(SmallClinic):
    def __init__(self, folder):
        super().__init__(folder)
        self.over = self.person("Dr. Over", Role.OVER_READ)
        Operators(self.store).grant("test", self.over.operator_id, Role.OVER_READ.value, ANY)

    def exam(self, stated, over=None, model="present", quality=4, **more):
        """An exam of Sara, who states this of each finding, that is then over-read; returns its id."""
        exam_id = self.one(model, **more)
        if stated:
            self.decide(exam_id, stated)
        if over:
            self.over_read(exam_id, over, quality=quality)
        return exam_id

    def decide(self, exam_id, stated, by=None):
        for finding in self.stored.records.findings(exam_id):
            same = finding.verdict == stated
            decision, verdict = ("accepted", None) if same else ("edited", stated)
            Findings(self.store).decide((by or self.sara).name, finding.id, decision, verdict, finding.version, while_in=("preliminary",))

    def over_read(self, exam_id, verdict, *, by=None, quality=4, kind="over-read", score=None):
        reader, reviews = by or self.over, Reviews(self.store)
        begun = reviews.begin(reader.name, NewReview(exam_id, kind, blind=True, reviewer_id=reader.operator_id))
        done = {clip.zone for clip in self.stored.records.clips(exam_id) if clip.superseded_at is None}
        zones = {zone: {"findings": dict.fromkeys(KEYS, verdict), "score": score} for zone in done}
        image = {"scale": "lung-5", "version": "1.0.0", "value": quality}
        return reviews.save(reader.name, begun.id, SavedReview(zones, image, "", ()), begun.version)

    def took(self, exam_id, minutes):
        with self.store.write() as change:
            row = change.session.get_one(ExamRow, exam_id)
            row.begun_at = row.ended_at - timedelta(minutes=minutes)
            change.unlogged()

    def cards(self, days=1):
        """Those of so many days later."""
        self.store.clock.machine_time = lambda: wall() + timedelta(days=days)
        *progress, found = cards_of(self.store, self.catalogue)
        assert all(isinstance(each, Progress) for each in progress)
        self.store.clock.machine_time = wall
        return found

    def card(self, of=None):
        return self.cards().cards[(of or self.sara).operator_id]


def of_finding(side, finding="b_lines"):
    return next(each for each in side.findings if each.finding == finding)


def counts(share):
    return share.hits, share.of


def of_curve(side, finding="b_lines"):
    """That of a finding, or of the image quality; None where there is none."""
    return next((each for each in side.curves if each.finding == finding), None)
