"""The source of the frames, and its state."""

from dataclasses import asdict

from fastapi import APIRouter

from edge.api.schema import AcquisitionIn, AcquisitionOut, CountsOut, SourceOut, counts_of, source_of
from edge.api.view import ApplianceView
from edge.api.who import Who


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/source", summary="The source, its state, and its losses")
    async def source() -> SourceOut:
        return source_of(view)

    @routes.get("/source/counts", summary="Frames received, read, and dropped by cause")
    async def counts() -> CountsOut:
        return counts_of(view)

    @routes.put("/source/settings", summary="Set the probe; the answer is its new settings")
    def set_source(wanted: AcquisitionIn, who: Who) -> AcquisitionOut:
        return AcquisitionOut(**asdict(view.source.set(who, wanted.settings)))

    @routes.put("/source/trial", summary="Show the simulated chest for some minutes in place of the source; it comes back by itself")
    def begin_trial(who: Who) -> SourceOut:
        view.trial.begin(who)
        return source_of(view)

    @routes.delete("/source/trial", summary="End the trial of the simulated chest now")
    def end_trial(who: Who) -> SourceOut:
        view.trial.end(who)
        return source_of(view)
