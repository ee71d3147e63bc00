"""Reads an exam from the records in the form in which it is handed on."""

from collections.abc import Callable, Mapping

from edge.exam.exam import Exam
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.protocol import Protocol, Zone
from edge.exam.protocol.stored import StoredProtocols
from edge.exam.report.making import report_of
from edge.exam.report.report import Report
from edge.exam.stored import StoredExams
from edge.exam.summary import ExamSummary, ZoneSummary, summary_of, taken_in
from edge.exchange.handed import Algorithm, HandedClip, HandedExam, HandedZone, Station
from edge.inference.errors import ModelUnusable
from edge.inference.release import ModelRelease
from edge.inference.shelf import Shelf
from edge.records.exams.clips import ClipRecord
from edge.records.exams.finding import StoredFinding
from edge.records.exams.reports import Material, Reports


class HandOver:
    """Any thread may use it; it checks no actor, and waits for the disk."""

    def __init__(self, stored: StoredExams, catalogue: Catalogue, station: Station, algorithm: Callable[[str], Algorithm]) -> None:
        """`algorithm` finds a model release by the name that findings have of it."""
        self._stored, self._station, self._algorithm = stored, station, algorithm
        self._reports, self._protocols = Reports(stored.store), StoredProtocols(stored.store, catalogue)

    def of(self, exam_id: str) -> HandedExam:
        """An exam as it is now.

        Raises:
            RecordUnknown: no exam has this id.
            ExamUnresumable, ProtocolTextMissing: its zones cannot be read, or the text of its protocol is missing.
        """
        material = self._reports.material(exam_id)
        protocol = self._protocols.of(material.exam)
        summary = summary_of(
            Exam.from_record(material.exam.zone_states, protocol).states, protocol, taken_in(material.clips, material.findings)
        )
        reports = tuple(Report.model_validate_json(report.body) for report in self._reports.of_exam(exam_id))
        clips = self._clips(material, protocol)
        return HandedExam(
            exam=material.exam,
            protocol=protocol,
            summary=summary,
            zones=_zones(protocol, summary, clips, material.findings),
            rejected=tuple(clip for clip in clips if clip.rejected),
            report=reports[-1] if reports else report_of(material, summary),
            reports=reports,
            station=self._station,
            algorithms={name: self._algorithm(name) for name in sorted({finding.release for finding in material.findings})},
        )

    def _clips(self, material: Material, protocol: Protocol) -> tuple[HandedClip, ...]:
        zones = {zone.id: zone for zone in protocol.zones}
        return tuple(self._clip(material, clip, zones[clip.zone]) for clip in material.clips if clip.zone in zones)

    def _clip(self, material: Material, clip: ClipRecord, zone: Zone) -> HandedClip:
        return HandedClip(clip, zone, self._stored.recording_of(material.exam, clip.file))


def _zones(
    protocol: Protocol, summary: ExamSummary, clips: tuple[HandedClip, ...], findings: tuple[StoredFinding, ...]
) -> tuple[HandedZone, ...]:
    speaking: Mapping[str, HandedClip] = {clip.record.zone: clip for clip in clips if not clip.rejected}
    by_id = {finding.id: finding for finding in findings}
    return tuple(
        HandedZone(zone, read, speaking.get(zone.id), _behind(read, by_id))
        for zone, read in zip(protocol.zones, summary.zones, strict=True)
    )


def _behind(read: ZoneSummary, by_id: Mapping[str, StoredFinding]) -> tuple[StoredFinding, ...]:
    return tuple(by_id[finding.id] for finding in read.findings)


def algorithm_on(shelf: Shelf, ident: str) -> Algorithm:
    """A model release by its ident, such as `lung-m-0.3.0`; by its name alone where it is not on the shelf any more."""
    try:
        release = ModelRelease.load(shelf.find(ident))
    except ModelUnusable:
        name, _, version = ident.rpartition("-")
        return Algorithm(name or ident, version if name else "")
    return Algorithm(release.name, release.version, release.sha256, _parameters(release), release.card)


def _parameters(release: ModelRelease) -> Mapping[str, str]:
    """Its calibration and its thresholds, by finding."""
    return {
        f"{label.key} {name}": f"{value:.6g}"
        for label in release.findings
        for name, value in (
            ("present from", label.present_from),
            ("absent to", label.absent_to),
            ("slope", label.slope),
            ("offset", label.offset),
        )
    }
