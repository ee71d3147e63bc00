"""The model releases: the active one, all others, and the change from one to another between two frames."""

from fastapi import APIRouter

from edge.api.models.schema import ModelOut, ModelsOut, ReleaseIn, SwapOut, model_of, models_of, swap_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/model", summary="The active release, and its card")
    async def model() -> ModelOut:
        return model_of(view)

    @routes.get("/models", summary="All releases, the active one and the reason for it, and the last refusal")
    def models(who: Who) -> ModelsOut:
        return models_of(view, who)

    @routes.post("/model/activate", summary="Use a release from the next frame on; if it is refused, the active one stays")
    def activate(wanted: ReleaseIn, who: Who) -> SwapOut:
        return swap_of(view.models.activate(who, wanted.release))

    @routes.post("/model/rollback", summary="Use the previous release again")
    def rollback(who: Who) -> SwapOut:
        return swap_of(view.models.rollback(who))
