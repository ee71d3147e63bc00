"""The versions of the software and of the model."""

import importlib.metadata

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.shell import WEB, version_of
from edge.api.view import ApplianceView
from edge.notice import NOTICE


class Version(BaseModel):
    """`shell` is the version of the files of the pages: a page of another version is loaded again."""

    sonoedge: str
    model: str
    shell: str = ""
    api: str = "v1"
    notice: str = NOTICE


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    shell = version_of(WEB)
    installed = importlib.metadata.version("sonoedge")

    @routes.get("/version", summary="Software and model versions")
    async def version() -> Version:
        return Version(sonoedge=installed, model=view.models.release.ident, shell=shell)
