"""The versions of the software and of the model."""

import importlib.metadata

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.notice import NOTICE


class Version(BaseModel):
    sonoedge: str
    model: str
    api: str = "v1"
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    installed = importlib.metadata.version("sonoedge")

    @routes.get("/version", summary="Software and model versions")
    async def version() -> Version:
        return Version(sonoedge=installed, model=view.models.release.ident)
