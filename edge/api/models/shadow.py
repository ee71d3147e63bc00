"""The shadow: a release that runs next to the active one and is compared with it, but never shown."""

from fastapi import APIRouter

from edge.api.models.schema import ShadowIn, ShadowOut, shadow_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/model/shadow", summary="The release in shadow, and its comparison with the active one")
    async def shadow() -> ShadowOut:
        return shadow_of(view.models.status.shadow)

    @routes.put("/model/shadow", summary="Run a release in shadow, or none")
    def cast(wanted: ShadowIn, who: Who) -> ShadowOut:
        return shadow_of(view.models.shadow(who, wanted.release))
