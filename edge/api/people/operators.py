"""Operators: the people who use the appliance, their roles, PINs and credentials."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from edge.api.etags import IfMatch, etag
from edge.api.pages import Cursor, Page, page_of
from edge.api.people.schema import (
    CredentialIn,
    CredentialOut,
    GrantIn,
    OperatorChangeIn,
    OperatorIn,
    OperatorOut,
    PinIn,
    ProtocolId,
    StandingOut,
    credential_out,
    operator_out,
    standing_out,
)
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/operators", summary="All people who are or were enrolled, newest first")
    def operators(cursor: Cursor, who: Who) -> Page[OperatorOut]:
        return page_of(view.people.listed(who, cursor.fetch, cursor.after), cursor, operator_out, lambda each: each.id)

    @routes.post("/operators", status_code=201, summary="Enrol a person; roles are granted separately")
    def enrol(new: OperatorIn, who: Who, response: Response) -> OperatorOut:
        made = view.people.enrol(who, new.badge, new.name, new.pin)
        etag(response, made.version)
        return operator_out(made)

    @routes.get("/operators/{operator}", summary="One operator")
    def one(operator: str, who: Who, response: Response) -> OperatorOut:
        found = view.people.get(who, operator)
        etag(response, found.version)
        return operator_out(found)

    @routes.patch("/operators/{operator}", summary="Rename or retire an operator; a retired operator stays in the records")
    def change(operator: str, wanted: OperatorChangeIn, seen: IfMatch, who: Who, response: Response) -> OperatorOut:
        changed = view.people.change(who, operator, wanted.name, retire=wanted.retired, seen=seen)
        etag(response, changed.version)
        return operator_out(changed)

    _add_access(routes, view)
    _add_credentials(routes, view)


def _add_access(routes: APIRouter, view: ApplianceView) -> None:
    @routes.post("/operators/{operator}/grants", status_code=201, summary="Grant a role, for one protocol or for all protocols")
    def grant(operator: str, wanted: GrantIn, who: Who) -> OperatorOut:
        return operator_out(view.people.grant(who, operator, wanted.role, wanted.protocol))

    @routes.delete("/operators/{operator}/grants/{grant}", summary="Revoke a role, except that of the last administrator")
    def revoke(operator: str, grant: str, who: Who) -> OperatorOut:
        return operator_out(view.people.revoke(who, operator, grant))

    @routes.post("/operators/{operator}/unlock", summary="Unlock an operator after too many wrong PINs")
    def unlock(operator: str, who: Who) -> OperatorOut:
        return operator_out(view.people.unlock(who, operator))

    @routes.put("/operators/{operator}/pin", summary="Set a PIN; the operator's other sessions end")
    def pin(operator: str, wanted: PinIn, who: Who) -> OperatorOut:
        return operator_out(view.people.set_pin(who, operator, wanted.pin))


def _add_credentials(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/operators/{operator}/credentials", summary="The credentials of an operator, oldest first")
    def credentials(operator: str, who: Who) -> list[CredentialOut]:
        return [credential_out(event) for event in view.people.credentials(who, operator)]

    @routes.post("/operators/{operator}/credentials", status_code=201, summary="Record a course, an assessment, a sign-off or a suspension")
    def vouch(operator: str, new: CredentialIn, who: Who) -> CredentialOut:
        return credential_out(view.people.vouch(who, operator, new.event()))

    @routes.get("/operators/{operator}/standing", summary="Whether an operator is qualified now, and what is missing")
    def standing(operator: str, protocol: Annotated[ProtocolId, Query()], who: Who) -> StandingOut:
        return standing_out(protocol, view.people.standing(who, operator, protocol))
