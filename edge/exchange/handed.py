"""An exam as it is handed on: what the records know of it, zone by zone with the recordings, and the station that took it.

DICOM, FHIR, HL7, stick and research formats are made from this alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.exam.protocol.protocol import Protocol, Zone
from edge.exam.report.report import Report
from edge.exam.summary import ExamSummary, ZoneSummary
from edge.records.exams.clips import ClipRecord
from edge.records.exams.finding import StoredFinding
from edge.records.exams.forms import StoredExam


@dataclass(frozen=True, slots=True)
class Station:
    """The appliance: `serial` is the id of its board, empty where it has none; `versions` are those of the program and of its models."""

    name: str
    serial: str
    versions: tuple[str, ...]
    manufacturer: str = "SonoEdge"
    model: str = "SonoEdge appliance"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A model release that made findings; `sha256` is that of its model, empty where the release is not on the shelf any more.

    `parameters` name its thresholds and temperatures; `card` is its model card in HTML.
    """

    name: str
    version: str
    sha256: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    card: str = ""


@dataclass(frozen=True, slots=True)
class HandedClip:
    """A recording of a zone; `path` is None where there is none any more. `rejected`: the zone was taken again."""

    record: ClipRecord
    zone: Zone
    path: Path | None

    @property
    def rejected(self) -> bool:
        return self.record.superseded_at is not None


@dataclass(frozen=True, slots=True)
class HandedZone:
    """A zone of the protocol with what was found there; `clip` is the one that counts, None where none was taken.

    `findings` are the recorded ones behind those of the `summary`, in the same order.
    """

    zone: Zone
    summary: ZoneSummary
    clip: HandedClip | None
    findings: tuple[StoredFinding, ...]


@dataclass(frozen=True, slots=True)
class HandedExam:
    """`reports` are those that were issued, the oldest first; `report` is the newest of them, or a preliminary one.

    `algorithms` are the model releases by the name that their findings have.
    """

    exam: StoredExam
    protocol: Protocol
    summary: ExamSummary
    zones: tuple[HandedZone, ...]
    rejected: tuple[HandedClip, ...]
    report: Report
    reports: tuple[Report, ...]
    station: Station
    algorithms: Mapping[str, Algorithm]
