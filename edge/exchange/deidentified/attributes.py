"""Which attributes of a DICOM object stay, as `attributes.yaml` lists them."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

SHIPPED = Path(__file__).parent / "attributes.yaml"

Lists = tuple[tuple[str, ...], ...]


class Attributes(BaseModel):
    """By keyword; see the file. `reasons`: why an attribute that PS3.15 Table E.1-1 lists is carried."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    carried: frozenset[str]
    emptied: frozenset[str]
    terms: frozenset[str]
    reasons: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def attributes() -> Attributes:
    """The shipped lists."""
    return Attributes.model_validate(_flat(yaml.load(SHIPPED.read_bytes(), yaml.CSafeLoader)))


def _flat(value: object) -> object:
    """Lists of lists as one list: the file groups them in lines."""
    if isinstance(value, dict):
        return {key: _flat(each) for key, each in value.items()}
    if isinstance(value, list):
        return [word for each in value for word in (each if isinstance(each, list) else [each])]
    return value
