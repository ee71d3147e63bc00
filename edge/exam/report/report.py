"""The report of an exam as one typed document: what was examined and what was not, what the model states, and what a person decided."""

from datetime import datetime
from typing import Literal

import rfc8785
from pydantic import BaseModel, ConfigDict

from edge.exam.protocol.protocol import Side, View
from edge.notice import NOTICE
from edge.records.exams.facts import CourseFacts, TakenFacts

Status = Literal["preliminary", "final", "amended"]
Stated = Literal["normal", "pathological", "not assessable", "not examined"]
"""What is stated of every zone of the protocol (consensus PMC10177560): a zone is never normal by silence."""


class Data(BaseModel):
    """Never changes. A report that a newer program gave out is read without the keys that only that one knows; its bytes stay."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ReportPatient(Data):
    """As known when the report was made; `name` is "not identified" where nobody is."""

    identified: bool
    name: str
    identifier: str
    issuer: str
    birth_date: str | None
    sex: str | None


class ReportContext(Data):
    """One piece of clinical information: its value with its unit (UCUM), and who took it when, as far as that is recorded."""

    name: str
    value: str
    unit: str = ""
    at: datetime | None = None
    by: str = ""


class ReportFinding(Data):
    """`probability` and `set` are the model's, `word` its verdict; `stated` is what holds after the person's `decision`."""

    id: str
    key: str
    name: str
    probability: float
    set: tuple[str, ...]
    word: str
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    stated: str


class ReportZone(Data):
    """`why` tells why it was not examined or cannot be assessed; `decided`: a person has decided on every finding."""

    id: str
    name: str
    side: Side
    view: View
    x: float
    y: float
    stated: Stated
    why: str
    decided: bool
    score: str
    quality: float | None
    recorded_anyway: tuple[str, ...]
    clip: str
    clip_sha256: str
    findings: tuple[ReportFinding, ...]


class ReportReview(Data):
    """`quality` is on the scale named; `discordant` holds `zone:finding` where the reader departs from the model or the first reader."""

    reader: str
    kind: str
    blind: bool
    saved_at: datetime
    quality: int
    quality_most: int
    quality_scale: str
    discordant: tuple[str, ...]
    comment: str


class Report(Data, TakenFacts, CourseFacts):
    """One report as it was given out; the facts of the exam are `TakenFacts` and `CourseFacts`.

    `number` counts from 1; 0 is a preliminary one, which is made again each time it is asked for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    report_version: Literal[1] = 1
    notice: str = NOTICE
    status: Status
    number: int
    why: str
    made_at: datetime
    exam: str
    patient: ReportPatient
    context: tuple[ReportContext, ...]
    protocol_name: str
    releases: tuple[str, ...]
    zones: tuple[ReportZone, ...]
    sum: str
    sum_note: str
    reviews: tuple[ReportReview, ...]

    @property
    def not_examined(self) -> tuple[ReportZone, ...]:
        return tuple(zone for zone in self.zones if zone.stated == "not examined")

    @property
    def canonical(self) -> str:
        """Canonical JSON (RFC 8785): the same report is the same bytes everywhere, and its digest can be checked."""
        return rfc8785.dumps(self.model_dump(mode="json")).decode()
