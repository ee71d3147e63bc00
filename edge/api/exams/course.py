"""The course of a patient: the share of the pleural line with B-lines, zone by zone over the exams. It is measured in the background."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from edge.api.exams.exams import RecordId
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.feedback.pleura.clip import REPEATS_WITHIN
from edge.inference.shown import whole
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.services.course import Course, CourseRow


class CourseRowOut(BaseModel):
    """One zone of one exam. `share`, `low` and `high` are whole per cent, null with the `code` of the reason.

    `low` and `high` are the quartiles of the frames, of which `measured` of `frames` gave a share. `machine_mark` is shown with the share
    where the release is not validated on the `machine`; `simulated`: the frames are of no patient.
    """

    exam_id: str
    begun_at: datetime
    state: str
    zone: str
    zone_name: str
    share: int | None
    low: int | None
    high: int | None
    code: str
    frames: int
    measured: int
    machine: str
    machine_mark: str
    simulated: bool
    measured_at: datetime | None


class CourseOut(BaseModel):
    """The zones of the ended exams of a patient, the oldest exam first, all measured by one `release`.

    `missing` clips are not measured with it yet; `measuring`: they are measured now, or wait. `failed`: the last attempt ended early.
    Two measurements of one zone can differ by `repeats_within` points.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "patient_id": "0198c0de-0000-7000-8000-000000000001",
                    "release": "lung-m-0.3.2",
                    "rows": [
                        {
                            "exam_id": "0198c0de-0000-7000-8000-000000000002",
                            "begun_at": "2026-11-30T08:00:00Z",
                            "state": "final",
                            "zone": "L1",
                            "zone_name": "left upper BLUE point",
                            "share": 34,
                            "low": 29,
                            "high": 41,
                            "code": "",
                            "frames": 60,
                            "measured": 58,
                            "machine": "Philips Lumify",
                            "machine_mark": "",
                            "simulated": False,
                            "measured_at": "2026-11-30T09:00:00Z",
                        }
                    ],
                    "missing": 0,
                    "measuring": False,
                    "failed": False,
                    "repeats_within": REPEATS_WITHIN,
                    "notice": NOTICE,
                }
            ]
        }
    )

    patient_id: str
    release: str
    rows: list[CourseRowOut]
    missing: int
    measuring: bool
    failed: bool
    repeats_within: int = REPEATS_WITHIN
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/patients/{patient_id}/course", summary="B-lines below the pleural line by zone, over the exams of a patient")
    def course(who: Who, patient_id: RecordId) -> CourseOut:
        return _course_out(view, who, view.course.course(who, patient_id))

    @routes.post("/patients/{patient_id}/course", status_code=202, summary="Measure the clips of a patient that are missing")
    def measure(who: Who, patient_id: RecordId) -> CourseOut:
        return _course_out(view, who, view.course_work.measure(who, patient_id))


def _course_out(view: ApplianceView, who: Actor, found: Course) -> CourseOut:
    work, patient_id = view.course_work, found.patient.id
    return CourseOut(
        patient_id=patient_id,
        release=found.release.ident,
        rows=[_row_out(row) for row in found.rows],
        missing=len(found.missing),
        measuring=work.runs(who, patient_id),
        failed=work.failed(who, patient_id),
    )


def _row_out(row: CourseRow) -> CourseRowOut:
    measured = row.measured
    share = measured.share if measured else None
    percents = {name: None if share is None else _whole(getattr(share, name)) for name in ("share", "low", "high")}
    about = {name: getattr(row, name) for name in ("begun_at", "state", "zone", "zone_name", "code", "machine_mark", "simulated")}
    frames = {"frames": share.frames, "measured": share.measured, "machine": share.machine} if share else {}
    more = {"frames": 0, "measured": 0, "machine": "", **frames, "measured_at": measured.at if measured else None}
    return CourseRowOut.model_validate({"exam_id": row.exam, **about, **percents, **more})


def _whole(value: float | None) -> int | None:
    return None if value is None else whole(value)
