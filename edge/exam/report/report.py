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
SITE, MACHINE, MACHINE_MARK, CONCLUSION = "site", "machine", "mark of the machine", "conclusion"
ACCESSION, ADMISSION = "accession number", "admission"
"""Names in `context` of where it was taken, of what made the images, of each of its marks, and of what the reader who signed it concludes.

The last two are numbers of the hospital for the order and for the stay or visit.

An earlier program wrote all marks as one.

Release 0.1.0 refuses a report with other keys, and shows every context.
"""


class Data(BaseModel):
    """Immutable. A report that a newer program issued is read without the keys that this program does not know; its bytes stay."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ReportPatient(Data):
    """As known when the report was made; `name` is "not identified" if the patient is unknown."""

    identified: bool
    name: str
    identifier: str
    issuer: str
    birth_date: str | None
    sex: str | None


class ReportContext(Data):
    """One piece of information: its value and unit (UCUM), and who took it when, if recorded."""

    name: str
    value: str
    unit: str = ""
    at: datetime | None = None
    by: str = ""


class ReportFinding(Data):
    """`probability` and `set` are the model's, `word` its verdict; `stated` is the verdict after the `decision` of a person."""

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
    """`why` states why it was not examined or cannot be assessed; `decided`: every finding has a decision.

    `recorded_anyway` lists the faults of its images, and the marks of the machine that made them, such as MACHINE NOT VALIDATED.
    """

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
    """`quality` is on the scale named; `discordant` holds `zone:finding` where the reader differs from the model or the first reader."""

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
    """One report as it was issued; the facts of the exam are `TakenFacts` and `CourseFacts`.

    `number` counts from 1; 0 is a preliminary report, which is made again for each request.
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
    def machines(self) -> tuple[str, ...]:
        return self._named(MACHINE)

    @property
    def machine_marks(self) -> tuple[str, ...]:
        return self._named(MACHINE_MARK)

    @property
    def conclusion(self) -> str:
        """In the words of the reader who signed it; empty if there is none."""
        return "".join(self._named(CONCLUSION))

    def _named(self, name: str) -> tuple[str, ...]:
        return tuple(item.value for item in self.context if item.name == name)

    @property
    def not_examined(self) -> tuple[ReportZone, ...]:
        return tuple(zone for zone in self.zones if zone.stated == "not examined")

    @property
    def canonical(self) -> str:
        """Canonical JSON (RFC 8785): the same report gives the same bytes everywhere, so that its digest can be checked."""
        return rfc8785.dumps(self.model_dump(mode="json")).decode()
