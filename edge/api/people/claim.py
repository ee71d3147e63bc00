"""The claim: an appliance without operators enrols its first administrator. There is no default PIN."""

from fastapi import APIRouter, Request, Response

from edge.api.authorise import origin_of
from edge.api.etags import etag
from edge.api.people.schema import ClaimIn, OperatorOut, operator_out
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.post("/claim", status_code=201, summary="Enrol the first administrator; refused if there is already one")
    def claim(first: ClaimIn, who: Who, request: Request, response: Response) -> OperatorOut:
        made = view.people.claim(who, first.badge, first.name, first.pin, code=first.code, address=origin_of(request))
        etag(response, made.version)
        return operator_out(made)
