"""The model that reads: what it is, what it was made from, how well it does."""

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.notice import NOTICE


class FindingMeaning(BaseModel):
    key: str
    name: str


class Model(BaseModel):
    """`card` is Markdown."""

    name: str
    version: str
    sha256: str
    input_side: int
    findings: list[FindingMeaning]
    card: str
    notice: str = NOTICE


def router(view: ApplianceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/model", summary="The model release and its card")
    async def model() -> Model:
        release = view.release
        return Model(
            name=release.name,
            version=release.version,
            sha256=release.sha256,
            input_side=release.input_side,
            findings=[FindingMeaning(key=f.key, name=f.name) for f in release.findings],
            card=release.card,
        )

    return routes
