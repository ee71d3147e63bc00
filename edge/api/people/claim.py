"""The claim: an appliance without operators enrols its first administrator. There is no default PIN."""

from fastapi import APIRouter, Response

from edge.api.etags import etag
from edge.api.people.schema import ClaimIn, OperatorOut, operator_out
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.post("/claim", status_code=201, summary="Enrol the first administrator; refused if there is already one")
    def claim(first: ClaimIn, who: Who, response: Response) -> OperatorOut:
        made = view.people.claim(who, first.badge, first.name, first.pin, first.code)
        etag(response, made.version)
        return operator_out(made)
