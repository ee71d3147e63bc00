"""What a page translates of a sentence, beside the sentence itself; see `firmware_bridge.says`."""

from typing import Union

from pydantic import BaseModel

from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.says import Says, Value, says_of


class SaysOut(BaseModel):
    """The code of a sentence, and its values by name; a value can be another sentence."""

    code: str
    params: dict[str, Union[str, int, float, "SaysOut"]] = {}


def says_out(stated: str | Says | SonoEdgeError | None) -> SaysOut | None:
    """None where there is nothing to translate."""
    says = says_of(stated) if isinstance(stated, str) else stated.says if isinstance(stated, SonoEdgeError) else stated
    return SaysOut(code=says.code, params={name: _value(value) for name, value in says.params.items()}) if says else None


def _value(value: Value) -> str | int | float | SaysOut:
    return says_out(value) or value.code if isinstance(value, Says) else value
