"""Patients: who was examined, as far as it is known."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from edge.api.etags import IfMatch, etag
from edge.api.exams.exams import IdentityIn, RecordId
from edge.api.exams.records_schema import PatientOut, patient_out
from edge.api.pages import Cursor, Page, page_of
from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.records.exams.context import BirthDate, Code, Identity, Name, Sex


class PatientChangeIn(BaseModel):
    """Fields that are not given stay unchanged."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"birth_date": "1984-03-09"}]})

    identifier: Code | None = None
    issuer: Code | None = None
    name: Name | None = None
    birth_date: BirthDate | None = None
    sex: Sex | None = None


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/patients", summary="Patients, the newest first")
    def listed(who: Who, cursor: Cursor) -> Page[PatientOut]:
        found = view.exam.book.patients.newest(who, cursor.fetch, cursor.after)
        return page_of(found, cursor, patient_out, lambda patient: patient.id)

    @routes.post("/patients", status_code=201, summary="Add a patient; the same person is not added twice")
    def add(who: Who, stated: IdentityIn, response: Response) -> PatientOut:
        patient = view.exam.book.patients.add(who, stated)
        etag(response, patient.version)
        response.headers["Location"] = f"/api/v1/patients/{patient.id}"
        return patient_out(patient)

    @routes.get("/patients/{patient_id}", summary="One patient")
    def one(who: Who, patient_id: RecordId, response: Response) -> PatientOut:
        patient = view.exam.book.patients.get(who, patient_id)
        etag(response, patient.version)
        return patient_out(patient)

    @routes.patch("/patients/{patient_id}", summary="Correct the record of a patient; issued reports do not change")
    def correct(who: Who, patient_id: RecordId, stated: PatientChangeIn, version: IfMatch, response: Response) -> PatientOut:
        known = view.exam.book.patients.get(who, patient_id)
        before = {name: getattr(known, name) for name in PatientChangeIn.model_fields}
        after = Identity.model_validate(before | stated.model_dump(exclude_unset=True, exclude_none=True))
        patient = view.exam.book.patients.correct(who, patient_id, after, version)
        etag(response, patient.version)
        return patient_out(patient)
