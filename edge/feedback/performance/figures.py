"""The figures of a site as they are stored and served. A count from 1 to 4 is None, because it could tell of one patient."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from edge.exam.likelihood.own import Own
from edge.feedback.agreement import LEAST
from edge.feedback.performance.collect import LEAST_LEVEL, Left
from edge.feedback.performance.strata import Dimension
from edge.feedback.statistics.figure import Stated


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class Counts(_Data):
    """The confusion matrix; `unanswered` cases have a known truth, and the model could not tell."""

    true_present: int | None
    false_present: int | None
    false_absent: int | None
    true_absent: int | None
    unanswered: int | None


class Shares(_Data):
    """Of some cases; without `counts` their patients are too few. `answered` is the share where the model stated present or absent."""

    counts: Counts | None
    sensitivity: Stated
    specificity: Stated
    answered: Stated


class Bin(_Data):
    """A point of the reliability diagram: the mean probability of similar cases, and the share of them with the finding."""

    probability: float
    share: Stated


class Scores(_Data):
    """How right the probability is; see `edge.feedback.statistics.scored`."""

    auc: Stated
    brier: Stated
    ece: Stated
    reliability: tuple[Bin, ...]


class Stratum(_Data):
    value: str
    shares: Shares


class Judged(_Data):
    """The figures of a finding in zones against a reader, or of its sign in exams against a `condition` that turned out."""

    kind: Literal["zone", "exam"]
    finding: str
    condition: str
    shares: Shares
    scores: Scores
    strata: Mapping[Dimension, tuple[Stratum, ...]]


class Group(_Data):
    """Of the exams under a `protocol`, or under all (`*`). `exams` of them have a case; `left`: what does not count, and why."""

    protocol: str
    exams: int | None
    left: Mapping[Left, int | None]
    judged: tuple[Judged, ...]


class Performance(_Data):
    """Computed at `at` from the records of this site. `own` are its figures by the name of the condition."""

    at: datetime
    least: int = LEAST
    level: int = LEAST_LEVEL
    groups: tuple[Group, ...]
    own: Mapping[str, Own]
