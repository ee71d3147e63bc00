"""The acceptances: on which machines this site has accepted which release, who did, and whether that holds."""

from fastapi import APIRouter

from edge.api.models.acceptance_schema import AcceptancesOut, acceptances_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/model/acceptances", summary="Machines on which this site has accepted a release, and whether that holds")
    def acceptances(who: Who) -> AcceptancesOut:
        return acceptances_of(view, who)
