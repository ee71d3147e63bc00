"""The course of one patient: the share of the pleural line with B-lines, zone by zone over the exams, all by the release that reads now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.exam.protocol.file import Catalogue
from edge.exam.review.showing import Shown
from edge.exam.stored import StoredExams
from edge.exam.summary import ZoneSummary
from edge.exam.taking.capture import Window
from edge.feedback.pleura.measure import MeasuredClip, Recorded
from edge.feedback.pleura.stored import StoredShares
from edge.inference.release import ModelRelease
from edge.notice import NOT_VALIDATED
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.exams.clips import ClipRecord
from edge.records.exams.facts import DRAFT
from edge.records.exams.forms import StoredExam
from edge.records.exams.patients import Patients, StoredPatient
from edge.services.book import readable

NOT_MEASURED: Final = "NOT_MEASURED"
NO_RECORDING: Final = "NO_RECORDING"
HIDDEN: Final = "HIDDEN"
"""Why a zone has no share here, besides the codes of `edge.feedback.pleura`: it is not measured with this release yet, its recording is not
on this appliance, or what a model states of this exam is not shown to the actor before the review."""


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One zone of one exam: what was measured, or the `code` of the reason why nothing is stated.

    `simulated`: frames of no patient. `machine_mark` is shown with it, where the release is not validated on the machine.
    """

    exam: str
    begun_at: datetime
    state: str
    zone: str
    zone_name: str
    code: str
    measured: MeasuredClip | None = None
    simulated: bool = False
    machine_mark: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The rows of a patient, the oldest exam first, by `release`; `missing` clips of them are not measured with it yet."""

    patient: StoredPatient
    release: ModelRelease
    rows: tuple[CourseRow, ...]
    missing: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class _Zone:
    exam: StoredExam
    zone: ZoneSummary
    clip: ClipRecord | None
    shown: bool


class CourseService:
    """Any thread may use it; each method waits for the disk. It measures nothing itself: see `edge.services.course_work`."""

    def __init__(
        self, stored: StoredExams, catalogue: Catalogue, shown: Shown, shares: StoredShares, release: Callable[[], ModelRelease]
    ) -> None:
        """`release` is the one that reads now, `shown` whether an actor is allowed to see what a model states of an exam."""
        self._stored, self._reader, self._patients = stored, stored.reader(catalogue), Patients(stored.store)
        self._shown, self._shares, self._release = shown, shares, release

    def course(self, actor: Actor, patient_id: str) -> Course:
        """The course as far as it is measured, of the ended exams that the actor is allowed to read.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
            RecordUnknown: no patient has this id.
            ExamUnresumable: the zones of an exam cannot be read.
        """
        actor.require(Verb.READ)
        patient, release = self._patients.get(patient_id), self._release()
        rows, missing = list[CourseRow](), list[Recorded]()
        for each in self._zones(actor, patient_id):
            known = self._shares.get(each.clip.id, release) if each.clip else None
            recorded = None if known or each.clip is None else self._recorded(each.exam, each.clip)
            rows.append(_row(each, known, recorded))
            if recorded is not None and each.shown:
                missing.append(recorded)
        return Course(patient, release, tuple(rows), tuple(missing))

    def named(self, actor: Actor, text: str) -> StoredPatient:
        """The patient whom a person names by the id, or by the identifier that the hospital gave.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
            RecordUnknown: nobody has this name, or several patients have it, from different issuers.
        """
        actor.require(Verb.READ)
        return self._patients.named(text)

    def _zones(self, actor: Actor, patient_id: str) -> Iterator[_Zone]:
        for exam in self._stored.records.of_patient(patient_id, readable(actor)):
            if exam.state == DRAFT:
                continue
            current = {clip.zone: clip for clip in self._stored.records.clips(exam.id) if clip.superseded_at is None}
            shown = self._shown(actor, exam)
            for zone in self._reader.summary(exam).zones:
                if zone.state == "done":
                    yield _Zone(exam, zone, current.get(zone.id), shown)

    def _recorded(self, exam: StoredExam, clip: ClipRecord) -> Recorded | None:
        path = self._stored.recording_of(exam, clip.file) if clip.file else None
        return Recorded(clip.id, path, clip.sha256, Window(clip.first, clip.last, clip.quality)) if path else None


def _row(each: _Zone, known: MeasuredClip | None, recorded: Recorded | None) -> CourseRow:
    exam, zone = each.exam, each.zone
    about = (exam.id, exam.begun_at, exam.state, zone.id, zone.name)
    if not each.shown:
        return CourseRow(*about, HIDDEN)
    if known is None:
        return CourseRow(*about, NOT_MEASURED if recorded else NO_RECORDING)
    share = known.share
    mark = "" if share.validated else NOT_VALIDATED
    return CourseRow(*about, share.code, known, simulated=share.simulated or exam.simulated, machine_mark=mark)
