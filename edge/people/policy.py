"""Site policy: what qualifies an operator, which exams are over-read and how long a session lasts. A site can change this data."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from typing_extensions import Self

from edge.disk.layout import DataFolder
from edge.disk.plain_file import NotPlain, read_plain
from edge.disk.structured import LARGEST, load_yaml
from edge.people.pin import LONGEST, SHORTEST
from edge.people.session import SessionLimits
from edge.records.schema import ANY
from firmware_bridge.errors import Damaged

SHIPPED = Path(__file__).parent / "thresholds.yaml"
FIX = "Correct it; docs/people.md lists every key"


class PolicyInvalid(Damaged):
    """The site's policy file cannot be used."""

    code = "policy-invalid"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Thresholds(_Data):
    """What an operator needs to be qualified under a protocol.

    `assessment_least` is the pass mark of the sum; null: any assessment is enough. A supervisor's sign-off is valid for `sign_off_days`,
    unless it states another date. An operator who has not scanned for `inactive_days` is no longer qualified.
    """

    course: bool = True
    supervised_exams: int = Field(25, ge=0, le=10_000)
    assessment: bool = True
    assessment_least: int | None = Field(None, ge=1, le=500)
    sign_off_days: int = Field(730, ge=1, le=36500)
    inactive_days: int = Field(180, ge=1, le=36500)


class FailureRates(_Data):
    """The share of a person's over-read exams that fail: up to `acceptable` is good enough, `unacceptable` is not. Charts look for it."""

    acceptable: Annotated[float, Field(gt=0, lt=1)]
    unacceptable: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.acceptable >= self.unacceptable:
            raise ValueError("the acceptable share is not below the unacceptable one")
        return self


class SitePolicy(_Data):
    """`ai_shown_to_unqualified`: whether an operator who is not qualified sees the model's reading before the review.

    `over_read_share` (0 to 1) of the exams is drawn with `seed`. Operators with fewer than `novice_exams` counted exams are always
    over-read. An exam counts if a reviewer gave its images a quality of at least `min_quality`, 1 to 5.
    While the drift watch of the model states watch or stop, at least `over_read_at_watch` or `over_read_at_stop` of the exams is drawn.
    With `drift_stop` "abstain" a stopped model states nothing until a person decides.
    """

    ai_shown_to_unqualified: bool = True
    over_read_share: float = Field(0.1, ge=0, le=1)
    over_read_at_watch: float = Field(0.3, ge=0, le=1)
    over_read_at_stop: float = Field(1.0, ge=0, le=1)
    drift_stop: Literal["warn", "abstain"] = "warn"
    seed: str = Field("sonoedge", min_length=1, max_length=100)
    novice_exams: int = Field(25, ge=0, le=10_000)
    min_quality: int = Field(3, ge=1, le=5)
    shortest_pin: int = Field(SHORTEST, ge=4, le=LONGEST)
    failure_rates: FailureRates
    sessions: SessionLimits
    thresholds: Annotated[Mapping[str, Thresholds], Field(min_length=1)]
    sources: Mapping[str, str] = {}

    def of(self, protocol: str) -> Thresholds:
        """The thresholds of a protocol, or the general ones if it has none."""
        return self.thresholds.get(protocol, self.thresholds[ANY])


def load_policy(folder: Path) -> SitePolicy:
    """The built-in policy, with the changes in `people.yaml` of a data folder.

    Raises:
        PolicyInvalid: the file cannot be read, is not a policy, or has a value that is not valid.
    """
    path = DataFolder(folder).policy
    return _made(_merged(shipped(), _read(path)), path) if path.exists() else _made(shipped(), SHIPPED)


@lru_cache(maxsize=1)
def shipped() -> dict[str, object]:
    """The policy of a site that changes nothing."""
    return _read(SHIPPED)


def _read(path: Path) -> dict[str, object]:
    try:
        loaded = load_yaml(read_plain(path, LARGEST, links=True), yaml.CSafeLoader)
    except NotPlain as error:
        raise PolicyInvalid(f"{path} is not a table of settings: {error}", FIX) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PolicyInvalid(f"{path} cannot be read ({reason})", FIX) from error
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise PolicyInvalid(f"{path} is not a table of settings", FIX)
    return loaded


def _merged(base: Mapping[str, object], site: Mapping[str, object]) -> dict[str, object]:
    """Merges table by table; a protocol's own thresholds start from the general ones."""
    merged = {**base, **{key: _over(base.get(key), value) for key, value in site.items()}}
    thresholds = merged["thresholds"]
    if isinstance(thresholds, dict):
        merged["thresholds"] = {name: _over(thresholds.get(ANY), value) for name, value in thresholds.items()}
    return merged


def _over(base: object, value: object) -> object:
    if not isinstance(base, dict) or not isinstance(value, dict):
        return value
    return {**base, **{key: _over(base.get(key), each) for key, each in value.items()}}


def _made(values: Mapping[str, object], path: Path) -> SitePolicy:
    try:
        return SitePolicy.model_validate(values)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        what = f"{path}: {where}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
        known = [*SitePolicy.model_fields, *Thresholds.model_fields, *SessionLimits.model_fields, *FailureRates.model_fields]
        close = get_close_matches(str(fault["loc"][-1]), known, n=1) if fault["type"] == "extra_forbidden" else []
        raise PolicyInvalid(what, f"Did you mean {close[0]}" if close else FIX) from error
