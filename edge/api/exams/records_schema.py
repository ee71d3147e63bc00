"""Exams, patients, clips and findings as they are recorded, for the page and other programs."""

from collections import Counter
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from edge.api.exams.schema import ZoneOut, zones_out
from edge.api.says import SaysOut, says_out
from edge.api.view import ApplianceView
from edge.exam.course import ExamState
from edge.exam.review.showing import HIDDEN, standing
from edge.exam.verdict import WORDS, Verdict
from edge.inference.shown import percent
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.records.exams.clips import ClipRecord
from edge.records.exams.context import PatientContext
from edge.records.exams.facts import CourseFacts, TakenFacts
from edge.records.exams.forms import StoredExam
from edge.records.exams.order import Order
from edge.records.exams.patients import StoredPatient
from edge.services.book import ShownFinding
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.says import Stated

PATIENT_ID, EXAM_ID = "0193f0c2-7c3e-7a51-8f5e-3c1d6c2b9a10", "0193f0c3-0b1e-7c44-9a2f-5d7e8f901234"
CLIP_ID, FINDING_ID = "0193f0c3-5d2e-7f18-b1c2-0a9b8c7d6e5f", "0193f0c3-5d30-7a0b-8d4c-1f2e3d4c5b6a"


class PatientOut(BaseModel):
    """A patient; the same `identifier` of the same `issuer` is the same person."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": PATIENT_ID,
                    "issuer": "site",
                    "identifier": "P-0001",
                    "name": "አበበ ቢቂላ",
                    "birth_date": "1984-03",
                    "sex": "male",
                    "created_at": "2026-11-25T10:08:47Z",
                    "created_by": "Alemu Bekele",
                    "version": 1,
                }
            ]
        },
    )

    id: str
    issuer: str
    identifier: str
    name: str
    birth_date: str | None
    sex: str | None
    created_at: datetime
    created_by: str
    version: int


class ExamLineOut(TakenFacts, CourseFacts):
    """An exam in a list. `state` is draft, preliminary, final or amended; `standing` is this in words, with a review that is needed.

    `done` and `skipped` count its zones.
    """

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "id": EXAM_ID,
                    "study_uid": "2.25.2098765432109876543210987654321098765",
                    "protocol": "blue-6",
                    "protocol_version": "1.0.0",
                    "protocol_digest": "07694455b879f972ab1ee3de59a89d9be9e5d0a2bf7a67358d5ef304570573c1",
                    "state": "preliminary",
                    "standing": "preliminary",
                    "operator": "Alemu Bekele",
                    "qualified": True,
                    "emergency": False,
                    "simulated": False,
                    "site": "Health Centre Three",
                    "patient": None,
                    "done": 5,
                    "skipped": 1,
                    "begun_at": "2026-11-25T10:08:47Z",
                    "ended_at": "2026-11-25T10:14:02Z",
                    "signed_at": None,
                    "signed_by": None,
                    "version": 9,
                }
            ]
        },
    )

    id: str
    state: ExamState
    standing: str
    site: str = ""
    patient: PatientOut | None
    done: int = 0
    skipped: int = 0
    version: int


class ExamRecordOut(ExamLineOut):
    """One exam, whole. `problem` states why zones have no score and no place where the text of the exam's protocol is missing.

    `shown` is false where site policy or a blind reading hides what the model states: findings, scores and the sum are left out.
    `says` is what a page translates of `problem`.
    """

    model_config = ConfigDict(json_schema_extra={})  # the example of a line is not one of a whole exam

    order: Order
    context: PatientContext
    zones: list[ZoneOut]
    sum: str
    shown: bool
    problem: str
    sum_says: SaysOut | None = None
    says: SaysOut | None = None
    notice: str = NOTICE


class ClipOut(BaseModel):
    """A recording of a zone. `first` and `last` number the frames that are the clip; `superseded_at`: the zone was taken again.

    `file_state` is whole, absent, damaged or removed; `simulated`: frames of no patient are in it. `machine` made its frames, empty where
    that was not recorded; `machine_mark` is shown with its findings where the model is not validated there.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": CLIP_ID,
                    "exam_id": EXAM_ID,
                    "zone": "L1",
                    "file": "L1.mcap",
                    "sha256": "9f1c" * 16,
                    "bytes": 1048576,
                    "file_state": "whole",
                    "first": 31,
                    "last": 90,
                    "by": "itself",
                    "overridden": [],
                    "quality": 81.5,
                    "simulated": False,
                    "machine": "Philips Lumify",
                    "machine_mark": "",
                    "kept_at": "2026-11-25T10:09:30Z",
                    "superseded_at": None,
                }
            ]
        },
    )

    id: str
    exam_id: str
    zone: str
    file: str
    sha256: str
    bytes: int
    file_state: str
    first: int
    last: int
    by: str
    overridden: list[str]
    quality: float
    simulated: bool
    machine: str = ""
    machine_mark: str = ""
    kept_at: datetime
    superseded_at: datetime | None


class FindingOut(BaseModel):
    """What the model states of a clip, and what a person decides on it.

    `word` is "likely present", "likely absent" or "can't tell"; `decision` is open, accepted, rejected, edited or not_assessable, and
    `decided` the person's own verdict where it was edited. Both, and the figures, are null where `shown` is false, and the reason
    is empty. `simulated`: frames of no patient are in its exam. `machine` and `machine_mark` are those of its clip.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": FINDING_ID,
                    "exam_id": EXAM_ID,
                    "clip_id": CLIP_ID,
                    "zone": "L1",
                    "key": "b_lines",
                    "release": "lung-s-0.3.0",
                    "simulated": False,
                    "machine": "Philips Lumify",
                    "machine_mark": "",
                    "shown": True,
                    "probability": 0.93,
                    "percent": 93,
                    "logit": 2.4,
                    "prediction": ["present"],
                    "verdict": "present",
                    "word": "likely present",
                    "novelty": 0.4,
                    "reason": "",
                    "code": "",
                    "said_at": "2026-11-25T10:09:30Z",
                    "decision": "accepted",
                    "decided": None,
                    "decided_by": "Sara Hagos",
                    "decided_at": "2026-11-25T11:02:10Z",
                    "superseded_at": None,
                    "version": 2,
                    "notice": NOTICE,
                }
            ]
        }
    )

    id: str
    exam_id: str
    clip_id: str
    zone: str
    key: str
    release: str
    simulated: bool
    machine: str = ""
    machine_mark: str = ""
    shown: bool
    probability: float | None
    percent: int | None
    logit: float | None
    prediction: list[str] | None
    verdict: str | None
    word: str | None
    novelty: float | None
    reason: str
    code: str
    said_at: datetime
    decision: str | None
    decided: str | None
    decided_by: str | None
    decided_at: datetime | None
    superseded_at: datetime | None
    version: int
    notice: str = NOTICE


def patient_out(patient: StoredPatient) -> PatientOut:
    return PatientOut.model_validate(patient)


def clip_out(clip: ClipRecord) -> ClipOut:
    return ClipOut.model_validate(clip)


def line_out(exam: StoredExam) -> ExamLineOut:
    return ExamLineOut.model_validate(_line(exam))


def exam_record_out(view: ApplianceView, actor: Actor, exam: StoredExam) -> ExamRecordOut:
    shown = view.exam.book.shows(actor, exam)
    zones, total, problem = _zones(view, actor, exam)
    more = {"order": exam.order, "context": exam.context, "zones": zones, "sum": total, "shown": shown, "problem": problem}
    more |= {"sum_says": says_out(total), "says": says_out(problem)}
    return ExamRecordOut.model_validate({**_line(exam), **more})


def finding_out(each: ShownFinding) -> FindingOut:
    finding, shown = each.finding, each.shown
    columns: dict[str, object] = {name: getattr(finding, name) for name in FindingOut.model_fields if hasattr(finding, name)}
    columns["percent"] = percent(finding.probability)
    if not shown:
        columns.update(HIDDEN)
    word = WORDS[Verdict(finding.verdict)] if shown else None
    return FindingOut.model_validate({**columns, **each.about_images, "word": word, "shown": shown})


def _line(exam: StoredExam) -> dict[str, object]:
    facts: dict[str, object] = {name: getattr(exam, name) for name in ExamLineOut.model_fields if hasattr(exam, name)}
    zones = exam.zone_states.get("zones", {}).values()
    states = Counter(zone.get("state") for zone in zones if isinstance(zone, dict))
    counted = {"done": states["done"], "skipped": states["skipped"]}
    return facts | counted | {"standing": standing(exam), "patient": exam.patient and patient_out(exam.patient)}


def _zones(view: ApplianceView, actor: Actor, exam: StoredExam) -> tuple[list[ZoneOut], str, str]:
    """(zones, sum, problem)."""
    try:
        summary, shown = view.exam.summary(actor, exam)
    except SonoEdgeError as error:
        return [], "", Stated(str(error), error.says)
    return zones_out(summary, shown=shown), summary.sum if shown else "", summary.problem
