"""The result of the drift watch over the exams of a site, as it is stored and shown."""

from datetime import datetime
from enum import Enum

from pydantic import BaseModel, ConfigDict

from edge.feedback.drift.measure import Way


class State(str, Enum):
    """The verdict, or why there is none: the reference is being collected, or its exams measure nothing in common."""

    COLLECTING = "collecting"
    NO_REFERENCE = "no-reference"
    STEADY = "steady"
    WATCH = "watch"
    STOP = "stop"


class Figures(BaseModel):
    """A frozen model."""

    model_config = ConfigDict(frozen=True)


class ReferenceFigures(Figures):
    """So many `exams` are collected of those `wanted`; `begun` and `ended` are the begins of the first and of the last of them.

    `renewed`: a person decided that the reference begins again with later exams.
    """

    exams: int
    wanted: int
    begun: datetime | None = None
    ended: datetime | None = None
    renewed: bool = False


class EvidenceFigures(Figures):
    """A chart from `WATCH_FROM` of its limit; see `edge.feedback.drift.verdict.Evidence`. `since` and `since_at` are of an exam."""

    channel: str
    way: Way
    share: float
    size: float
    since: int
    since_at: datetime
    since_exam_id: str


class Line(Figures):
    """The score of a chart in parts of its limit, at each exam of `DriftFigures.at_exams`."""

    channel: str
    way: Way
    shares: tuple[float, ...]


class DriftFigures(Figures):
    """The watch of a `release`, computed `at`, when so many exams of any release were `counted`, after the `decision` with this id, if any.

    `exams` are those watched since the reference, from `begun` to `ended`; `exam_id` is the last of them. `same_stay` exams follow another
    exam of the same patient and do not count, nor do `unusable` ones. `unmeasured` are channels that no watched exam measures any more.
    """

    release: str
    at: datetime
    counted: int
    decision: str | None
    state: State
    reference: ReferenceFigures
    exams: int = 0
    exam_id: str = ""
    begun: datetime | None = None
    ended: datetime | None = None
    same_stay: int = 0
    unusable: int = 0
    evidence: tuple[EvidenceFigures, ...] = ()
    unmeasured: tuple[str, ...] = ()
    at_exams: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()
