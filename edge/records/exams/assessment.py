"""The recorded assessment of a clip's images as a whole; each finding of the model is a row of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from edge.records.columns import Json


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer on a clip without its findings: see `edge.exam.clip.ClipFinding`, whose fields these are.

    `quality` is 0 to 100; `faults` counts frames by quality code; `stage_ms` is the mean time per frame. `weighed_most` names, by finding,
    the frames with the most weight.
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
