"""The model releases: the one that reads, the others that there are, and changing from one to another between two frames."""

from fastapi import APIRouter

from edge.api.models.schema import ModelOut, ModelsOut, ReleaseIn, SwapOut, model_of, models_of, swap_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/model", summary="The release that reads, and its card")
    async def model() -> ModelOut:
        return model_of(view)

    @routes.get("/models", summary="Every release that there is, which one reads and why, and what was refused last")
    def models(who: Who) -> ModelsOut:
        return models_of(view, who)

    @routes.post("/model/activate", summary="Have a release read from the next frame on; where it is refused, the old one reads on")
    def activate(wanted: ReleaseIn, who: Who) -> SwapOut:
        return swap_of(view.models.activate(who, wanted.release))

    @routes.post("/model/rollback", summary="Have the release before the active one read again")
    def rollback(who: Who) -> SwapOut:
        return swap_of(view.models.rollback(who))

    return routes
