"""Reviews: the exams that wait for a reader, and the answer of each reader, who is blind to other answers until it is saved."""

from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from edge.api.etags import IfMatch, etag
from edge.api.exams.exams import RecordId
from edge.api.pages import Cursor, Page, page_of
from edge.api.who import Who
from edge.exam.review.image_scale import LUNG, SCALES
from edge.exam.review.review import ImageQuality, ReviewAnswer, answer_of
from edge.notice import NOTICE
from edge.people.actor import Actor
from edge.records.exams.reviews import StoredReview, Waiting
from edge.services.review import ReviewService, place_of, reasons_of

NORMAL: JsonDict = {"findings": {"b_lines": "absent", "a_lines": "present", "severity_2_plus": "absent"}, "score": 0}
POINTS: JsonDict = {str(point): meaning for point, meaning in LUNG.points.items()}
ANSWER: JsonDict = {
    "zones": dict.fromkeys(("L1", "L2", "L3", "R1", "R2", "R3"), NORMAL),
    "quality": {"scale": LUNG.id, "version": LUNG.version, "value": 4},
    "comment": "Pleura regular",
}


class ReviewView(Protocol):
    """What these routes need to know of the appliance."""

    @property
    def reviews(self) -> ReviewService:
        """Its methods wait for the disk: call them from a thread."""
        ...


class WaitingOut(BaseModel):
    """An exam that waits for this reader. `reasons` are `unqualified`, or why it is over-read; `state` is that of the exam.

    `simulated`: frames of no patient are in it.
    """

    exam: str
    protocol: str
    state: str
    begun_at: datetime
    simulated: bool
    reasons: list[str]


class QualityScaleOut(BaseModel):
    """The scale on which a review rates the images: what each of its points means."""

    scale: str
    version: str
    points: dict[int, str]


class ReviewOut(BaseModel):
    """One review. `to_read` are the recorded zones with the findings to be stated of each.

    `answer` is null until it is saved, and so is `discordant`: where the reader differs from others, as `zone:finding`. A review that is
    not saved yet uses the `quality_scale`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a10",
                    "exam": "0192f0c2-7c3e-7a51-8f5e-3c1d6c2b9a11",
                    "kind": "first",
                    "blind": True,
                    "reader": "Alemu Bekele",
                    "begun_at": "2026-11-25T10:08:47.879027Z",
                    "saved_at": None,
                    "to_read": {"L1": ["b_lines", "a_lines", "severity_2_plus"]},
                    "quality_scale": {"scale": LUNG.id, "version": LUNG.version, "points": POINTS},
                    "answer": None,
                    "discordant": None,
                    "supersedes": None,
                    "version": 1,
                    "notice": NOTICE,
                }
            ]
        }
    )

    id: str
    exam: str
    kind: str
    blind: bool
    reader: str
    begun_at: datetime
    saved_at: datetime | None
    to_read: dict[str, list[str]]
    quality_scale: QualityScaleOut
    answer: ReviewAnswer | None
    discordant: list[str] | None
    supersedes: str | None
    version: int
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ReviewView) -> None:
    @routes.get("/reviews/queue", summary="Exams that wait for you: first those without a review, then those to be over-read")
    def queue(who: Who, cursor: Cursor) -> Page[WaitingOut]:
        return page_of(view.reviews.queue(who, cursor.fetch, cursor.after), cursor, _waiting, place_of)

    @routes.post("/exams/{exam_id}/reviews", status_code=201, summary="Begin or resume your review of an exam")
    def begin(exam_id: RecordId, who: Who, response: Response) -> ReviewOut:
        return _out(view, who, view.reviews.begin(who, exam_id), response)

    @routes.get("/exams/{exam_id}/reviews", summary="The reviews of an exam that you are allowed to see")
    def of_exam(exam_id: RecordId, who: Who) -> list[ReviewOut]:
        return [_out(view, who, review) for review in view.reviews.of_exam(who, exam_id)]

    @routes.get("/reviews/{review_id}", summary="A review of your own")
    def one(review_id: RecordId, who: Who, response: Response) -> ReviewOut:
        return _out(view, who, view.reviews.own(who, review_id), response)

    @routes.put("/reviews/{review_id}", summary="Save your review permanently; a correction is another review")
    def save(
        review_id: RecordId, answer: Annotated[ReviewAnswer, Body(examples=[ANSWER])], who: Who, seen: IfMatch, response: Response
    ) -> ReviewOut:
        return _out(view, who, view.reviews.save(who, review_id, answer, seen), response)


def _scale_of(quality: ImageQuality | None) -> QualityScaleOut:
    scale = SCALES[quality.scale, quality.version] if quality else LUNG
    return QualityScaleOut(scale=scale.id, version=scale.version, points=dict(scale.points))


def _waiting(waiting: Waiting) -> WaitingOut:
    return WaitingOut(
        exam=waiting.exam_id,
        protocol=waiting.protocol,
        state=waiting.state,
        begun_at=waiting.begun_at,
        simulated=waiting.simulated,
        reasons=list(reasons_of(waiting)),
    )


def _out(view: ReviewView, who: Actor, review: StoredReview, response: Response | None = None) -> ReviewOut:
    if response is not None:
        etag(response, review.version)
    answer = answer_of(review) if review.saved_at is not None else None
    return ReviewOut(
        id=review.id,
        exam=review.exam_id,
        kind=review.kind,
        blind=review.blind,
        reader=review.reviewer,
        begun_at=review.begun_at,
        saved_at=review.saved_at,
        to_read=view.reviews.to_read(who, review.exam_id),
        quality_scale=_scale_of(answer.quality if answer else None),
        answer=answer,
        discordant=list(review.discordant) if answer else None,
        supersedes=review.supersedes,
        version=review.version,
    )
