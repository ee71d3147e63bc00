"""Notices: messages for every user, shown until one user marks them as seen."""

from datetime import datetime
from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from edge.api.who import Who
from edge.notice import NOTICE
from edge.records.notices import Notice
from edge.services.notices import NoticeService


class NoticesView(Protocol):
    """The parts of the appliance that these routes use."""

    @property
    def notices(self) -> NoticeService: ...


class NoticeOut(BaseModel):
    """`what` happened, and the next step, `fix`. The notice is unseen while `seen_at` is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "01a21228-0000-7000-8000-000000000000",
                "code": "clip-absent",
                "what": "The clip 20261125T095349Z-blue-6/upper-right.mcap is gone",
                "fix": "Look for it in the backup, or take the zone again",
                "at": "2026-11-25T09:53:49Z",
                "seen_at": None,
                "seen_by": None,
            }
        }
    )

    id: str
    code: str
    what: str
    fix: str
    at: datetime
    seen_at: datetime | None
    seen_by: str | None


class NoticesOut(BaseModel):
    """All unseen notices, oldest first."""

    notices: list[NoticeOut]
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: NoticesView) -> None:
    @routes.get("/notices", summary="Messages for every user that nobody has marked as seen yet")
    def notices(who: Who) -> NoticesOut:
        return NoticesOut(notices=[_out(notice) for notice in view.notices.unseen(who)])

    @routes.post("/notices/{notice_id}/seen", summary="Mark a notice as seen")
    def seen(notice_id: str, who: Who) -> NoticeOut:
        return _out(view.notices.seen(who, notice_id))


def _out(notice: Notice) -> NoticeOut:
    return NoticeOut(
        id=notice.id, code=notice.code, what=notice.what, fix=notice.fix, at=notice.at, seen_at=notice.seen_at, seen_by=notice.seen_by
    )
