"""The cards as they are stored and served. A card holds figures of one person, and of others only what tells of no single one of them."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from edge.feedback.agreement import LEAST
from edge.feedback.statistics.figure import Stated


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class Share(_Data):
    """`hits` among `of` own cases, and their share. The counts are the person's own, so a small one is shown too."""

    hits: int
    of: int
    share: Stated


class Compared(_Data):
    """The answers on a finding where the over-reader stated present or absent, and the person too.

    `missed`: of those that the over-reader states present, the person stated absent; `overcalled`: of those absent, present. `agreement` is
    the share of equal answers, `kappa` is Cohen's.
    """

    finding: str
    missed: Share
    overcalled: Share
    agreement: Share
    kappa: Stated


class Point(_Data):
    """The chart after a trial in the exam with this number, of this day. The one with an alarm has the score that reached the limit."""

    on: date
    exam: int
    zone: str | None
    failed: bool
    score: float


class Step(_Data):
    """A trial, and the exam in which it was; both count from 1, and only exams with a trial count."""

    trial: int
    exam: int


class Curve(_Data):
    """A learning curve under a protocol: the LC-CUSUM until `learned_at`, then the CUSUM; see `edge.feedback.charts.skill`.

    Each zone is a trial that fails where the over-reader states the opposite; in `untold` others one of them could not tell. Where
    `finding` is None, each exam is a trial that fails by its image quality. `exams` have a trial. `points` are those from trial `first` on.
    """

    protocol: str
    finding: str | None
    trials: int
    failed: int
    untold: int
    exams: int
    acceptable: float
    unacceptable: float
    learned_limit: float
    lost_limit: float
    learned_at: Step | None
    lost_at: tuple[Step, ...]
    first: int
    points: tuple[Point, ...]


class Side(_Data):
    """What a person did in one part. `exams` of theirs have an over-read; `unnamed` of these have no patient, and count in the curves only.

    `chosen` others were over-read because of their answers, and do not count: they are the difficult ones. `together` has the cases of all
    findings. `scores` is the weighted kappa of `scored` zone scores.
    """

    exams: int
    unnamed: int
    chosen: int
    together: Compared
    findings: tuple[Compared, ...]
    scored: int
    scores: Stated
    curves: tuple[Curve, ...]


class Trust(_Data):
    """How the person decided on what the model stated: present or absent.

    `accepted`: of all; `accepted_wrong` (over-trust): of those that the over-reader contradicts; `rejected_right` (under-trust): of those
    that the over-reader confirms.
    """

    accepted: Share
    accepted_wrong: Share
    rejected_right: Share


class Band(_Data):
    """The quartiles."""

    low: float
    median: float
    high: float


class Pace(_Data):
    """Minutes an exam from begin to end, and its image quality (0 to 100: the median of its clips), with those of the whole site.

    `untimed` exams have no time that can be right. The bands of the site are None where too few people are in them.
    """

    protocol: str
    exams: int
    untimed: int
    minutes: Band | None
    quality: Band | None
    site_minutes: Band | None
    site_quality: Band | None


class Card(_Data):
    """Of one person. A side is None where the person did nothing in it that was over-read."""

    person: str
    operator: Side | None
    reader: Side | None
    trust: Trust | None
    paces: tuple[Pace, ...]


class GroupFinding(_Data):
    """How far blind readers agree on a finding: Fleiss' kappa, and Krippendorff's alpha."""

    finding: str
    fleiss: Stated
    alpha: Stated


class Group(_Data):
    """All blind readers of the site together. `scores` is the alpha of zone scores, `icc` that of the scores of whole exams."""

    readers: int
    findings: tuple[GroupFinding, ...]
    scores: Stated
    icc: Stated


class Cards(_Data):
    """Computed at `at` of what was recorded before `until`. `group` is None where fewer than `least` readers are in it."""

    at: datetime
    until: datetime
    least: int = LEAST
    cards: Mapping[str, Card]
    group: Group | None
