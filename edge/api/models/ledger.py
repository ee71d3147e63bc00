"""The ledger of model changes: what each release changes, how that was verified, what it means, and who signed that."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from edge.api.models.ledger_schema import LedgerEntryOut, LedgerIn, LedgerOut, ledger_of, sign
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/model/ledger", summary="The entries of the ledger of model changes, of one release or of all")
    def entries(who: Who, release: Annotated[str | None, Query(max_length=120)] = None) -> LedgerOut:
        return ledger_of(view, who, release)

    @routes.post("/model/ledger", status_code=HTTPStatus.CREATED, summary="Sign the entry of a release, which can then be activated")
    def add(given: LedgerIn, who: Who) -> LedgerEntryOut:
        return sign(view, who, given)
