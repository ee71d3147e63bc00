"""A finding: the appliance's answer on a clip, and a person's decision on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

OPEN = "open"
Decision = Literal["accepted", "rejected", "edited", "not_assessable"]


@dataclass(frozen=True, slots=True)
class NewFinding:
    """The answer of the model release on a clip; `verdict` is present, absent or unsure, `prediction` what cannot be ruled out."""

    key: str
    release: str
    probability: float
    logit: float
    prediction: tuple[str, ...]
    verdict: str
    reason: str
    code: str
    novelty: float | None


@dataclass(frozen=True, slots=True)
class Decided:
    """How many findings of one key and verdict of the model have this decision, with the verdict `decided` where a person stated one."""

    finding: str
    verdict: str
    decision: str
    decided: str | None
    count: int


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding as recorded; see `FindingRow`."""

    id: str
    exam_id: str
    clip_id: str
    zone: str
    key: str
    release: str
    probability: float
    logit: float
    prediction: tuple[str, ...]
    verdict: str
    reason: str
    code: str
    novelty: float | None
    said_at: datetime
    decision: str
    decided: str | None
    decided_by: str | None
    decided_at: datetime | None
    superseded_at: datetime | None
    version: int
