"""The current settings; they can be changed in the settings file only."""

from fastapi import APIRouter

from edge.api.view import ApplianceView
from edge.settings import Settings


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/settings", summary="The current settings")
    async def settings() -> Settings:
        return view.settings
