"""The allowed content of a release's JSON files; anything else is refused."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from typing_extensions import Self

from edge.disk.plain_file import NotPlain, read_plain
from edge.inference.errors import COPY_AGAIN, ModelUnusable

VERSION = r"^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z.-]{1,30})?$"
"""Semantic versioning 2.0.0, without build metadata."""
MOST_BYTES = 1_000_000
"""The largest JSON file of a release, in bytes; usual files have a few kilobytes."""


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise ValueError(f"{name!r} is not a plain file name")
    return name


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


FileName = Annotated[str, AfterValidator(_plain_name)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Finite = Annotated[float, AfterValidator(_finite)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Additive(BaseModel):
    """A part of a file that a release may have. A later program may add keys, which this one does not use."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class OfModel(Additive):
    """Such a file states to which model it belongs."""

    model_sha256: Digest


class Named(_Strict):
    key: Key
    name: Annotated[str, Field(min_length=1, max_length=60)]


class Dataset(_Strict):
    """The origin of a release."""

    name: Text
    source: Text
    licence: Text


class Manifest(_Strict):
    """`release.json`: `files` maps each other file of the folder to its SHA-256."""

    task: Key
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,49}$")]
    version: Annotated[str, Field(pattern=VERSION)]
    model: FileName
    input_side: Annotated[int, Field(ge=32, le=1024)]
    operators: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    findings: Annotated[tuple[Named, ...], Field(min_length=1, max_length=50)]
    files: Annotated[dict[FileName, Digest], Field(min_length=1, max_length=30)]
    data: tuple[Dataset, ...]
    licence: Text
    use: Text

    @model_validator(mode="after")
    def _model_is_a_file(self) -> Self:
        if self.model not in self.files:
            raise ValueError(f"`files` does not hold the model {self.model}")
        if len({finding.key for finding in self.findings}) != len(self.findings):
            raise ValueError("two findings share a key")
        return self


class Platt(_Strict):
    """probability = logistic(slope x logit + offset)."""

    slope: Finite
    offset: Finite


class Calibration(_Strict):
    model_sha256: Digest
    findings: dict[Key, Platt]


class Thresholds(_Strict):
    """Limits of probability: `present` stays possible from `present_from` upwards, `absent` up to `absent_to`."""

    present_from: Finite
    absent_to: Finite


class Conformal(_Strict):
    """Fitted on this many `clips` of this many `patients`, none of whom was in the training data."""

    model_sha256: Digest
    alpha: Annotated[float, Field(gt=0, lt=1)]
    clips: Count
    patients: Count
    findings: dict[Key, Thresholds]


Kind = TypeVar("Kind", bound=BaseModel)
Added = TypeVar("Added", bound=OfModel)


def parse(path: Path, kind: type[Kind]) -> Kind:
    """Reads one file.

    Raises:
        ModelUnusable: it cannot be read, or its content is not valid; names the first fault.
    """
    try:
        content = read_plain(path, MOST_BYTES, links=True)
    except NotPlain as error:
        raise ModelUnusable(f"{path} is not a valid file of a release ({error})", COPY_AGAIN) from error
    except OSError as error:
        raise ModelUnusable(f"{path} cannot be read ({error.strerror})", "Name a release folder with --model, or copy it again") from error
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = "".join(f"{part}: " for part in fault["loc"])
        raise ModelUnusable(f"{path} is not a valid file of a release ({where}{fault['msg']})", COPY_AGAIN) from error


def parse_added(path: Path, kind: type[Added], files: Mapping[str, str], model_sha256: str) -> Added | None:
    """Reads a file that the release of a model may have; None if `files` does not list it.

    Raises:
        ModelUnusable: it is not valid, or belongs to another model.
    """
    if path.name not in files:
        return None
    found = parse(path, kind)
    if found.model_sha256 != model_sha256:
        raise ModelUnusable(f"{path} belongs to another model", COPY_AGAIN)
    return found
