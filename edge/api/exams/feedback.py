"""Feedback: how readers decide on the answers of the model."""

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.feedback.agreement import LEAST
from edge.inference.shown import percent
from edge.notice import NOTICE


class AgreementOut(BaseModel):
    """Decisions on one finding, see `edge.feedback.agreement`; `percent` of agreement is null for fewer than `least` decisions."""

    key: str
    decided: int
    agreed: int
    opposed: int
    open: int
    untold: int
    percent: int | None


class FeedbackOut(BaseModel):
    """Of signed exams of real patients; simulated ones do not count."""

    least: int
    findings: list[AgreementOut]
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/feedback", summary="How readers decided on the answers of the model, in the signed exams that you are allowed to read")
    def feedback(who: Who) -> FeedbackOut:
        found = view.exam.book.agreement(who)
        return FeedbackOut(
            least=LEAST,
            findings=[
                AgreementOut(
                    key=each.finding,
                    decided=each.decided,
                    agreed=each.agreed,
                    opposed=each.opposed,
                    open=each.open,
                    untold=each.untold,
                    percent=None if each.share is None else percent(each.share),
                )
                for each in found
            ],
        )
