"""A clinic whose exams have what the model states as it is wanted, and what a blind reader states."""

from edge.exam.review.review import ImageQuality, ReviewAnswer, ZoneReading
from edge.feedback.performance.compute import Progress, performance_of
from edge.feedback.truth.condition import Reference
from edge.records.outcomes.outcomes import NewOutcome, Outcomes
from edge.records.schema import ExamRow
from tests.edge.exchange.conftest import KEYS, Ward

SIDES = ("L1", "L2", "R1", "R2")
"""Zones of blue-6: two on each side make the sign of B-lines."""
HAND_COUNTED = (
    *[("present", "present")] * 6,
    ("present", "absent"),
    ("absent", "present"),
    *[("absent", "absent")] * 5,
    ("unsure", "present"),
)
"""What the model and the reader state of B-lines, patient by patient."""


class SmallClinic(Ward):
    """Its first exam, that of `Ward`, is simulated: it never counts."""

    def __init__(self, folder):
        super().__init__(folder, size=64)
        self.make_simulated(self.exam_id)
        self._taken = 0

    def make_simulated(self, exam_id):
        with self.store.write() as change:
            change.session.get_one(ExamRow, exam_id).simulated = True
            change.unlogged()

    def one(self, model, reader=None, zones=("L1",), patient=None):
        """An exam of a new patient, or of `patient`; returns its id."""
        self._taken += 1
        number = patient or self._taken
        name = f"Patient {chr(ord('a') + number % 26) * (2 + number // 26)}"
        exam_id = self.take(name, f"C-{number}", dict.fromkeys(zones, model))
        if reader:
            self.read(exam_id, reader)
        return exam_id

    def read(self, exam_id, verdict):
        review = self.reviews.begin(self.reader, exam_id)
        done = {clip.zone for clip in self.stored.records.clips(exam_id) if clip.superseded_at is None}
        zones = {zone: ZoneReading(findings=dict.fromkeys(KEYS, verdict)) for zone in done}
        quality = ImageQuality(scale="lung-5", version="1.0.0", value=4)
        return self.reviews.save(self.reader, review.id, ReviewAnswer(zones=zones, quality=quality), review.version)

    def turned_out(self, exam_id, present, condition="acute-heart-failure", reference=Reference.PANEL):
        day = self.store.now().date()
        return Outcomes(self.store).add("test", exam_id, NewOutcome(condition, present, reference.value, day.isoformat()))

    def performance(self):
        *progress, found = performance_of(self.store, self.catalogue)
        assert all(isinstance(each, Progress) for each in progress)
        return found


def judged(found, kind="zone", finding="b_lines", group=0):
    return next(each for each in found.groups[group].judged if (each.kind, each.finding) == (kind, finding))
