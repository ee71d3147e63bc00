"""The stage: plays each recorded patient as an exam of a data folder, from its begin to the over-read and the outcome.

The services of the appliance do what people do. Only the zones are stored here, because there is no probe, as `edge.services.exam` does it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from edge.bench.ward.column_map import WardMap
from edge.bench.ward.copies import Copies
from edge.bench.ward.patients import LabelledClip, WardPatient
from edge.bench.ward.readers import SimulatedReader
from edge.bench.ward.staff import Staff
from edge.exam.exam import Exam
from edge.exam.protocol.file import Catalogue
from edge.exam.replay import ReadClip, Replay
from edge.exam.review.image_scale import LUNG
from edge.exam.review.review import ImageQuality, ReaderVerdict, ReviewAnswer
from edge.exam.stored import StoredExams
from edge.exam.taking.stored_zone import assessment_of, findings_of
from edge.feedback.truth.standing import Stated
from edge.people.actor import Actor
from edge.people.policy import SitePolicy
from edge.records.exams.clips import NewClip
from edge.records.exams.context import KINDS, Identity, Measurement, PatientContext
from edge.records.exams.facts import ExamStatement
from edge.records.exams.finding import Decision
from edge.records.exams.forms import Step, StoredExam
from edge.services.book import ExamBook
from edge.services.outcome import OutcomeService
from edge.services.report import ReportService
from edge.services.review import ReviewService, rule_of

EACH, FIRST_HOUR = timedelta(hours=12), timedelta(hours=6)
"""From one exam to the next, and when the first of a day begins."""
PER_ZONE, LATER = timedelta(minutes=1), timedelta(hours=1)
"""From one zone to the next, and from one reading to the next."""
QUALITY = ImageQuality(scale=LUNG.id, version=LUNG.version, value=3)
"""A review has to rate the images, and the labels do not: the middle of the scale."""
CONCLUSION = "A replay of recorded clips: no conclusion about a patient"

Reading = Callable[[LabelledClip, str], ReaderVerdict]
"""What somebody states of a clip and a finding."""


class StageClock:
    """The clock of the records while a ward is played."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def begins(number: int, of: int, midnight: datetime) -> datetime:
    """When the exam of this number (from 0) begins, so that all of them have ended before a `midnight`."""
    return midnight - (of - number) * EACH + FIRST_HOUR


def site_of(about: WardMap) -> str:
    """The name of the site of every replayed exam."""
    return f"REPLAY of {about.name}"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays what: the people, and the simulated readers behind the operator and the first reader.

    The `release` read every `every`-th frame of the clips; `copies` are their recordings.
    """

    about: WardMap
    staff: Staff
    operator: SimulatedReader
    reader: SimulatedReader
    release: str
    every: int
    copies: Copies


class Stage:
    """Of one data folder, whose records use `clock`."""

    def __init__(self, stored: StoredExams, catalogue: Catalogue, policy: SitePolicy, cast: Cast, clock: StageClock) -> None:
        self._stored, self._cast, self._clock = stored, cast, clock
        self._reviews = ReviewService(stored.store, catalogue, rule_of(policy))
        self._book = ExamBook(stored, self._reviews.shows)
        self._reports = ReportService(stored.store, catalogue, self._reviews, stored.sidecar)
        self._outcomes = OutcomeService(stored, self._reviews.shows)

    def play(self, patient: WardPatient, replay: Replay, number: int) -> None:
        """Plays the exam of a patient, which begins now; `replay` is what the release states of the clips. `number` counts patients from 0.

        Raises:
            SonoEdgeError: the records refuse it.
        """
        labelled = {each.clip.path: each for each in patient.clips}
        by_zone = {each.clip.zone: labelled[each.clip.path] for each in replay.speaking}
        staff, exam = self._cast.staff, self._taken(patient, replay, number)
        self._wait(LATER)
        self._decide(exam.id, by_zone, _reading(self._cast.operator, patient))
        self._wait(LATER)
        self._review(staff.reader, exam.id, by_zone, _reading(self._cast.reader, patient))
        self._reports.sign(staff.reader, exam.id, self._stored.records.get(exam.id).version, CONCLUSION)
        self._wait(LATER)
        self._review(staff.labels, exam.id, by_zone, _label, scored=True)
        for column, present in zip(self._cast.about.patients.outcomes, patient.outcomes, strict=True):
            if present is not None:
                outcome = Stated(column.condition, present, column.reference, exam.begun_at.date())
                self._outcomes.record(staff.reader, exam.id, outcome, site_of(self._cast.about))

    def _wait(self, time: timedelta) -> None:
        self._clock.at += time

    def _taken(self, patient: WardPatient, replay: Replay, number: int) -> StoredExam:
        """The exam, ended."""
        operator, site = self._cast.staff.operator, site_of(self._cast.about)
        measured = {name: Measurement(value=value, unit=KINDS[name].unit) for name, value in patient.measurements.items()}
        context = PatientContext.model_validate({"age_years": patient.age_years, **measured})
        person = Identity(identifier=patient.name, issuer=site, name=f"Replayed patient {_letters(number)}", sex=patient.sex)
        exam = Exam.begin(replay.exam.protocol)
        record = self._book.begin(operator, exam, person, ExamStatement(context=context), simulated=False, site=site)
        for each in replay.speaking:
            self._wait(PER_ZONE)
            exam = self._keep(record, exam.select(each.clip.zone), each)
        self._wait(PER_ZONE)
        return self._book.end(operator, record.id)

    def _keep(self, record: StoredExam, exam: Exam, read: ReadClip) -> Exam:
        """Closes the selected zone with a clip."""
        after, finding, zone = exam.keep(), read.finding, read.clip.zone
        stored, last = self._cast.copies.stored(read.clip, self._stored.path_of(record)), max(0, finding.frames - 1) * self._cast.every
        clip = NewClip(zone, *stored, 0, last, "itself", (), finding.quality, assessment_of(finding))
        stated = findings_of(finding, exam.protocol.acquisition(zone).findings, self._cast.release)
        step = Step("zone.kept", {"zone": zone, "replayed": read.clip.path.name}, after.as_record(), record.qualified)
        self._stored.records.keep(record.operator, record.id, step, clip, stated, simulated=finding.simulated)
        return after

    def _decide(self, exam_id: str, by_zone: Mapping[str, LabelledClip], reading: Reading) -> None:
        """Decides on every finding of the model as the reading has it."""
        for finding in self._stored.records.undecided(exam_id):
            decision, verdict = _decision(finding.verdict, reading(by_zone[finding.zone], finding.key))
            self._book.decide(self._cast.staff.operator, finding.id, decision, verdict, finding.version)

    def _review(self, reader: Actor, exam_id: str, by_zone: Mapping[str, LabelledClip], reading: Reading, *, scored: bool = False) -> None:
        review = self._reviews.begin(reader, exam_id)
        zones = {
            zone: {"findings": {key: reading(by_zone[zone], key) for key in keys}, "score": by_zone[zone].score if scored else None}
            for zone, keys in self._reviews.to_read(reader, exam_id).items()
        }
        answer = ReviewAnswer.model_validate({"zones": zones, "quality": QUALITY})
        self._reviews.save(reader, review.id, answer, review.version)


def _reading(reader: SimulatedReader, patient: WardPatient) -> Reading:
    return lambda labelled, finding: reader.states(f"{patient.name} {labelled.clip.zone}", finding, labelled.labels.get(finding))


def _label(labelled: LabelledClip, finding: str) -> ReaderVerdict:
    known = labelled.labels.get(finding)
    return ReaderVerdict.NOT_ASSESSABLE if known is None else ReaderVerdict.PRESENT if known else ReaderVerdict.ABSENT


def _decision(by_model: str, own: ReaderVerdict) -> tuple[Decision, Literal["present", "absent"] | None]:
    match own:
        case ReaderVerdict.NOT_ASSESSABLE:
            return "not_assessable", None
        case _ if own.value == by_model:
            return "accepted", None
        case _:
            return "edited", "present" if own is ReaderVerdict.PRESENT else "absent"


def _letters(number: int) -> str:
    """A number in letters: recorded data has no names, a name has no digits, and two patients of one name would count as one person."""
    letter = chr(ord("A") + number % 26)
    return letter if number < 26 else _letters(number // 26 - 1) + letter
