"""The current settings, and the change of those that can change while the appliance runs."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from edge.api.view import ApplianceView
from edge.api.who import Who
from edge.settings import Changeable, Settings


class ChangeOut(BaseModel):
    """Who gave a setting its value, and when."""

    at: datetime
    by: str


class ChangeableOut(BaseModel):
    """A setting that can change at run time; `fixed`: the settings file, a variable or the command line states it, so it cannot."""

    key: str
    value: str | int
    fixed: bool
    changed: ChangeOut | None


def add_routes(routes: APIRouter, view: ApplianceView) -> None:
    @routes.get("/settings", summary="The current settings")
    async def settings() -> Settings:
        return view.settings

    @routes.get("/settings/changeable", summary="The settings that can change at run time, and their last changes")
    def changeable(who: Who) -> list[ChangeableOut]:
        return [ChangeableOut.model_validate(each, from_attributes=True) for each in view.changeable.changeable(who)]

    @routes.patch("/settings", summary="Change settings at run time; omitted settings stay unchanged")
    def change(who: Who, changes: Changeable) -> Settings:
        return view.changeable.change(who, changes)
