"""The settings in effect; they are changed in the settings file, not here."""

from fastapi import APIRouter

from edge.api.view import ApplianceView
from edge.settings import Settings


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/settings", summary="The settings in effect")
    async def settings() -> Settings:
        return view.settings

    return routes
