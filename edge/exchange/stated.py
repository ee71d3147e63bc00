"""What is stated of an exam: of each zone, and of each finding the answer of the model and the decision of a person, apart from each other.

The structured report, FHIR and HL7 are made from this, so that all three state the same. What holds comes from the report as it was
issued; what the model stated comes from the records behind it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from edge.exam.clip import QUALITY
from edge.exam.report.report import Report, ReportFinding, ReportZone
from edge.exam.verdict import Verdict
from edge.exchange import codes
from edge.exchange.codes import Code, zone_code
from edge.exchange.handed import Algorithm, HandedClip, HandedExam, HandedZone
from edge.notice import NOTICE
from edge.records.exams.finding import OPEN, StoredFinding

VERDICTS: Mapping[str, Verdict] = {"present": Verdict.PRESENT, "absent": Verdict.ABSENT, "not assessable": Verdict.UNSURE}
"""The verdict by the words of a report."""
MODEL_WORDS: Mapping[str, Verdict] = {"likely present": Verdict.PRESENT, "likely absent": Verdict.ABSENT, "can't tell": Verdict.UNSURE}
VALUES: Mapping[Verdict, Code] = {Verdict.PRESENT: codes.PRESENT, Verdict.ABSENT: codes.ABSENT}
NO_PATIENT = "SIMULATED: frames of no patient"
EDGE = 0.15
"""Of the width of the front and the back view, from either end: a zone drawn there is on the side of the chest."""
ZONES: Mapping[str, Code] = {"normal": codes.NORMAL, "pathological": codes.ABNORMAL, "not examined": codes.NOT_PERFORMED}


@dataclass(frozen=True, slots=True)
class StatedFinding:
    """`model` is the verdict of the model, and `holds` the one after the decision of a person.

    `made` and `algorithm` are None where an earlier program recorded less. `weighed` holds the sequence numbers of the frames with the most
    weight, the strongest first.
    """

    report: ReportFinding
    model: Verdict
    holds: Verdict
    made: StoredFinding | None
    algorithm: Algorithm | None
    weighed: tuple[int, ...]

    @property
    def code(self) -> Code:
        return codes.FINDINGS[self.report.key]

    @property
    def decision(self) -> Code:
        return codes.DECISIONS[self.report.decision.replace(" ", "_")]

    @property
    def decided(self) -> bool:
        return self.report.decision != OPEN

    @property
    def model_value(self) -> Code:
        """Present, absent, or the reason for which the model states nothing: the quality of the images (DCM 110531) or itself (110532)."""
        return VALUES.get(self.model, codes.POOR_QUALITY if self._poor else codes.NEEDS_SPECIALIST)

    @property
    def value(self) -> Code:
        """What holds. A person who calls a finding "not assessable" gives no reason, so it is indeterminate unless the images are poor."""
        if self.holds is not Verdict.UNSURE or self.report.decision in (OPEN, "accepted"):
            return VALUES.get(self.holds, self.model_value)
        return codes.POOR_QUALITY if self._poor else codes.INDETERMINATE

    @property
    def _poor(self) -> bool:
        return self.made is not None and self.made.reason == QUALITY

    @property
    def confidence(self) -> float | None:
        """The probability that the answer of the model is right, 0 to 1; None where it answers nothing."""
        chance = self.report.probability
        return {Verdict.PRESENT: chance, Verdict.ABSENT: 1 - chance}.get(self.model)


@dataclass(frozen=True, slots=True)
class StatedZone:
    """A zone as the report states it; `clip` is None where there is none, or where the zone was taken again after the report."""

    report: ReportZone
    code: Code
    clip: HandedClip | None
    findings: tuple[StatedFinding, ...]

    @property
    def examined(self) -> bool:
        return self.report.stated != "not examined"

    @property
    def value(self) -> Code:
        """Normal, abnormal or not performed; of a zone that cannot be assessed the reason (DCM 110531 or 110532)."""
        return ZONES.get(self.report.stated, codes.POOR_QUALITY if self._poor else codes.NEEDS_SPECIALIST)

    @property
    def topography(self) -> Code | None:
        """Anterior, posterior or lateral; None at the edge of the front or back view: how far back such a zone lies is not stated."""
        report = self.report
        return None if report.view != "side" and not EDGE < report.x < 1 - EDGE else codes.VIEWS[report.view]

    @property
    def score(self) -> int | None:
        """The score of the zone; None where it is not settled on one number."""
        return int(self.report.score) if self.report.score.isdecimal() else None

    @property
    def by_model(self) -> bool:
        """Whether all that is stated comes from the model, because no person decided."""
        return bool(self.findings) and not any(finding.decided for finding in self.findings)

    @property
    def _poor(self) -> bool:
        return self.clip is not None and self.clip.record.assessment is not None and self.clip.record.assessment.reason == QUALITY


def is_simulated(exam: HandedExam) -> bool:
    """Whether frames of no patient are in it."""
    return exam.exam.simulated or exam.summary.simulated


def remarks_of(exam: HandedExam) -> Iterator[str]:
    """What stands next to everything that is stated: the notice first, whether there was a patient, and why a report was amended."""
    report = exam.report
    yield NOTICE
    if is_simulated(exam):
        yield NO_PATIENT
    if report.why:
        yield f"Report {report.number}, {report.status}: {report.why}"


def accession_of(exam: HandedExam) -> str:
    """The accession number of its order; empty for an exam without one, as most are at the point of care."""
    return exam.exam.order.accession


def admission_of(exam: HandedExam) -> str:
    """The id of the patient's admission or visit; empty where nobody stated it."""
    return exam.exam.order.admission_id


def issue_of(report: Report) -> str:
    """What tells the reports of an exam apart: the number of an issued one, and a digest of all that a preliminary one states."""
    undated = report.model_copy(update={"made_at": report.begun_at})
    return str(report.number) if report.number else sha256(undated.canonical.encode()).hexdigest()


def stated_of(exam: HandedExam) -> tuple[StatedZone, ...]:
    """Every zone of the protocol in its order, also those that were not examined."""
    by_id = {zone.zone.id: zone for zone in exam.zones}
    return tuple(_zone(exam, zone, by_id[zone.id]) for zone in exam.report.zones)


def _zone(exam: HandedExam, report: ReportZone, zone: HandedZone) -> StatedZone:
    made = {finding.id: finding for finding in zone.findings}
    clip = zone.clip if zone.clip and zone.clip.record.file == report.clip else None
    assessment = clip.record.assessment if clip else None
    weighed = assessment.weighed_most if assessment else {}
    return StatedZone(
        report=report,
        code=zone_code(exam.exam.protocol, report.id, report.name),
        clip=clip,
        findings=tuple(_finding(exam, each, made.get(each.id), weighed.get(each.key, ())) for each in report.findings),
    )


def _finding(exam: HandedExam, report: ReportFinding, made: StoredFinding | None, weighed: tuple[int, ...]) -> StatedFinding:
    return StatedFinding(
        report=report,
        model=Verdict(made.verdict) if made else MODEL_WORDS.get(report.word, Verdict.UNSURE),
        holds=VERDICTS.get(report.stated, Verdict.UNSURE),
        made=made,
        algorithm=exam.algorithms.get(made.release) if made else None,
        weighed=weighed,
    )
