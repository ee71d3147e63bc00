"""The worklist: what the hospital has scheduled for this appliance, and the question for a new one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exchange.worklist.scheduled import shown_name, whole_date
from edge.services.worklist import MOST_FOUND, FoundEntry, FoundWorklist

SearchText = Annotated[str, Query(description="Any parts of a name, an ID or an accession number", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST_FOUND)]


class EntryOut(BaseModel):
    """A scheduled study. `name` is shown, and `dicom_name` is as it was scheduled; texts are empty where they are unknown.

    An entry with `problems` is quarantined: no exam begins from it, and `reasons` state why. `exam_id`: an exam was begun from it.
    `birth_date` and `date` are YYYY-MM-DD, or as scheduled where they are no whole date; `time` is that of the hospital (PS3.5 TM).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "study_uid": "2.25.1704011849214671",
                    "name": "አበበ ሰላማዊት",
                    "dicom_name": "አበበ^ሰላማዊት",
                    "patient_id": "P-0001",
                    "issuer": "",
                    "birth_date": "1981-03-02",
                    "sex": "F",
                    "accession": "ACC-0001",
                    "admission_id": "V-17",
                    "requested": "US Chest",
                    "step": "Lung",
                    "date": "2026-11-30",
                    "time": "091500",
                    "problems": [],
                    "reasons": [],
                    "exam_id": None,
                }
            ]
        }
    )

    study_uid: str
    name: str
    dicom_name: str
    patient_id: str
    issuer: str
    birth_date: str
    sex: str
    accession: str
    admission_id: str
    requested: str
    step: str
    date: str
    time: str
    problems: list[str]
    reasons: list[str]
    exam_id: str | None


class WorklistStateOut(BaseModel):
    """`peer` is who was asked, empty where nobody is; `asked_at` is null before its first answer. `scheduled` entries were answered."""

    peer: str
    asked_at: datetime | None
    scheduled: int


class WorklistOut(WorklistStateOut):
    """`found` entries fit the search; `entries` are the first of them, in the order of the peer."""

    found: int
    entries: list[EntryOut]


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/worklist", summary="What is scheduled for this appliance, as it was last answered")
    def found(who: Who, text: SearchText = "", limit: Limit = MOST_FOUND) -> WorklistOut:
        return _worklist_out(view.worklist.find(who, text, limit))

    @routes.post("/worklist", summary="Ask for a new worklist; where there is no answer, the last one stays")
    def refresh(who: Who) -> WorklistStateOut:
        answer = view.worklist.refresh(who)
        return WorklistStateOut(peer=answer.peer, asked_at=answer.asked_at, scheduled=answer.scheduled)


def _worklist_out(worklist: FoundWorklist) -> WorklistOut:
    return WorklistOut(
        peer=worklist.peer,
        asked_at=worklist.asked_at,
        scheduled=worklist.scheduled,
        found=worklist.found,
        entries=[_entry_out(each) for each in worklist.entries],
    )


def _entry_out(found: FoundEntry) -> EntryOut:
    entry = found.entry
    plain = {name: getattr(entry, name) for name in EntryOut.model_fields if hasattr(entry, name)}
    shown = {"name": shown_name(entry.name), "dicom_name": entry.name, "exam_id": found.exam_id}
    dates = {name: whole_date(plain[name]) or plain[name] for name in ("birth_date", "date")}
    return EntryOut.model_validate({**plain, **shown, **dates})
