"""The recorded assessment of a clip's images as a whole; each finding of the model is a row of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from edge.notice import NOT_VALIDATED
from edge.records.columns import Json
from firmware_bridge.says import Says


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer on a clip without its findings: see `edge.exam.clip.ClipFinding`, whose fields these are.

    `quality` is 0 to 100; `faults` counts frames by quality code; `stage_ms` is the mean time per frame. `weighed_most` names, by finding,
    the frames with the most weight. `machine` is empty and `machine_validated` null where a program recorded the clip that did
    not ask for the machine. `says` is what a page translates of the advice, null where an earlier program recorded the clip; that had no
    `measures` and no `features` either.
    """

    model: str
    frames: int
    good_frames: int
    quality: float
    simulated: bool
    reason: str | None
    advice: str
    faults: Mapping[str, int]
    stage_ms: Mapping[str, float]
    code: str = ""
    novelty: float | None = None
    weighed_most: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    machine: str = ""
    machine_by_person: bool = False
    machine_validated: bool | None = None
    says: Says | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    features: str = ""

    @property
    def machine_mark(self) -> str:
        """The mark of a machine on which the model was not validated; empty otherwise, and where nobody asked."""
        return NOT_VALIDATED if self.machine_validated is False else ""

    @property
    def assessable(self) -> bool:
        return self.reason is None


_ADAPTER = TypeAdapter(Assessment)


def to_json(assessment: Assessment | None) -> Json | None:
    """The content for the column."""
    return None if assessment is None else _ADAPTER.dump_python(assessment, mode="json")


def from_json(stored: object) -> Assessment | None:
    """The assessment in the column; None where it is empty, or where this program cannot use it."""
    try:
        return None if stored is None else _ADAPTER.validate_python(stored)
    except ValidationError:
        return None
