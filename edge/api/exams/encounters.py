"""The encounters: who is in the hospital now, and the question for a new list where a server is asked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.exchange.encounters.encounter import Encounter
from edge.exchange.worklist.scheduled import shown_name, whole_date
from edge.services.encounters import MOST_FOUND, FoundEncounters

SearchText = Annotated[str, Query(description="Any parts of a name, a patient or admission ID, or a place", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST_FOUND)]


class EncounterOut(BaseModel):
    """A patient who is in the hospital. `name` is shown, and `dicom_name` is in the form of DICOM; texts are empty where they are unknown.

    One with `problems` is quarantined: no exam begins from it, and `reasons` state why. `kind` is inpatient, outpatient, emergency or
    planned. `birth_date` and the day of `since` are YYYY-MM-DD, or as stated where they are no whole date; times are those of the hospital.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "admission_id": "V-17",
                    "name": "አበበ ሰላማዊት",
                    "dicom_name": "አበበ^ሰላማዊት",
                    "patient_id": "P-0001",
                    "issuer": "HOSP",
                    "birth_date": "1981-03-02",
                    "sex": "F",
                    "place": "W3 / 12 / A",
                    "since": "2026-11-29",
                    "kind": "inpatient",
                    "problems": [],
                    "reasons": [],
                }
            ]
        }
    )

    admission_id: str
    name: str
    dicom_name: str
    patient_id: str
    issuer: str
    birth_date: str
    sex: str
    place: str
    since: str
    kind: str
    problems: list[str]
    reasons: list[str]


class EncountersStateOut(BaseModel):
    """`sent`: the hospital sends them by itself. Otherwise `peer` is asked, empty where nobody is. `open` are known at `received_at`."""

    sent: bool
    peer: str
    received_at: datetime | None
    open: int


class EncountersOut(EncountersStateOut):
    """`found` encounters fit the search; `entries` are the first of them, those of the newest event first."""

    found: int
    entries: list[EncounterOut]


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/encounters", summary="Who is in the hospital now, as it stated it last")
    def found(who: Who, text: SearchText = "", limit: Limit = MOST_FOUND) -> EncountersOut:
        found = view.encounters.find(who, text, limit)
        return EncountersOut(**_state(found).model_dump(), found=found.found, entries=[_entry_out(each) for each in found.entries])

    @routes.post("/encounters", summary="Ask the server who is in the hospital; where there is no answer, the last list stays")
    def refresh(who: Who) -> EncountersStateOut:
        return _state(view.encounters.refresh(who))


def _state(found: FoundEncounters) -> EncountersStateOut:
    return EncountersStateOut(sent=found.sent, peer=found.peer, received_at=found.received_at, open=found.open)


def _entry_out(encounter: Encounter) -> EncounterOut:
    plain = {name: getattr(encounter, name) for name in EncounterOut.model_fields if hasattr(encounter, name)}
    shown = {"name": shown_name(encounter.name), "dicom_name": encounter.name}
    dates = {"birth_date": whole_date(encounter.birth_date) or encounter.birth_date, "since": _moment(encounter.since)}
    return EncounterOut.model_validate({**plain, **shown, **dates})


def _moment(since: str) -> str:
    """YYYY-MM-DD, with THH:MM where the time is known."""
    day, hour, minute = since[:8], since[8:10], since[10:12]
    return (whole_date(day) or day) + (f"T{hour}:{minute}" if minute else "")
