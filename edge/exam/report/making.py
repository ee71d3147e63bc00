"""Makes the report of an exam from its records; no zone is left out, and a finding without a decision is marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.exam.protocol.protocol import Zone
from edge.exam.protocol.stored import TEXT_FIX, ProtocolTextMissing
from edge.exam.report.report import (
    ACCESSION,
    ADMISSION,
    CONCLUSION,
    MACHINE,
    MACHINE_MARK,
    SITE,
    Report,
    ReportContext,
    ReportFinding,
    ReportPatient,
    ReportReview,
    ReportZone,
    Stated,
    Status,
)
from edge.exam.review.image_scale import SCALES
from edge.exam.review.review import ImageQuality
from edge.exam.summary import NOT_EXAMINED, ExamSummary, FindingSummary, ZoneSummary
from edge.exam.verdict import Verdict
from edge.notice import MACHINE_CHANGED
from edge.records.exams.context import KINDS, Kind, Measurement, PatientContext
from edge.records.exams.facts import CourseFacts, TakenFacts
from edge.records.exams.finding import OPEN
from edge.records.exams.patients import StoredPatient
from edge.records.exams.reports import Material
from edge.records.exams.reviews import StoredReview, standing

NOT_IDENTIFIED = "not identified"

STATED_WORDS = {Verdict.PRESENT: "present", Verdict.ABSENT: "absent", Verdict.UNSURE: "not assessable"}
"""The verdict on a finding, in words."""


@dataclass(frozen=True, slots=True)
class Issue:
    """How a report is issued, with the `conclusion` of the person who signs it. While it is preliminary, `number` is 0 and `by` is None."""

    status: Status = "preliminary"
    number: int = 0
    by: str | None = None
    why: str = ""
    conclusion: str = ""


PRELIMINARY = Issue()


def report_of(material: Material, read: ExamSummary, issue: Issue = PRELIMINARY) -> Report:
    """The report of an exam as it was `read`.

    Raises:
        ProtocolTextMissing: without the text of its protocol the zones that were not examined are unknown.
    """
    record = material.exam
    if read.protocol is None or read.total is None:
        raise ProtocolTextMissing(read.problem, TEXT_FIX)
    signed = {"signed_by": issue.by, "signed_at": material.now if issue.by else None}
    facts = {name: getattr(record, name) for name in (*TakenFacts.model_fields, *CourseFacts.model_fields)}
    return Report(
        **{**facts, **signed},
        status=issue.status,
        number=issue.number,
        why=issue.why,
        made_at=material.now,
        exam=record.id,
        patient=_patient(record.patient),
        context=(
            *_stated_as(SITE, record.site),
            *_stated_as(ACCESSION, record.order.accession),
            *_stated_as(ADMISSION, record.order.admission_id),
            *_context(record.context),
            *_machines(read),
            *_stated_as(CONCLUSION, issue.conclusion),
        ),
        protocol_name=read.protocol.name,
        releases=tuple(sorted({finding.release for finding in material.findings})),
        zones=tuple(_zone(material, zone, summary) for zone, summary in zip(read.protocol.zones, read.zones, strict=True)),
        sum=read.sum,
        sum_note=read.note,
        reviews=tuple(_review(review) for review in standing(material.reviews)),
    )


def _zone(material: Material, zone: Zone, read: ZoneSummary) -> ReportZone:
    clip = next((clip for clip in material.clips if clip.zone == zone.id and clip.superseded_at is None), None)
    return ReportZone(
        id=zone.id,
        name=zone.name,
        side=zone.side,
        view=zone.draw.view,
        x=zone.draw.x,
        y=zone.draw.y,
        stated=_stated(read),
        why=_why(read),
        decided=bool(read.findings) and all(finding.decision != OPEN for finding in read.findings),
        score=read.score.text if read.score else "",
        quality=read.quality,
        recorded_anyway=(*read.overridden, *_marks(read)),
        clip=clip.file if clip else "",
        clip_sha256=clip.sha256 if clip else "",
        findings=tuple(_finding(finding) for finding in read.findings),
    )


def _stated(read: ZoneSummary) -> Stated:
    """Pathological if a pattern worse than the mildest is present, normal if each of them is ruled out, else not assessable."""
    if read.score is None:
        return "not examined"
    if read.score.low > 0:
        return "pathological"
    return "normal" if read.score.settled and read.score.high == 0 else "not assessable"


def _why(read: ZoneSummary) -> str:
    if read.state == NOT_EXAMINED:
        return "no reason recorded"
    if read.state == "skipped":
        return f"skipped. {read.reason}"
    return f"{read.code}: {read.reason}" if read.code else read.reason


def _finding(finding: FindingSummary) -> ReportFinding:
    return ReportFinding(
        id=finding.id,
        key=finding.key,
        name=finding.name,
        probability=finding.probability,
        set=finding.prediction,
        word=finding.word,
        decision=finding.decision.replace("_", " "),
        decided_by=finding.decided_by,
        decided_at=finding.decided_at,
        stated=STATED_WORDS[finding.stated],
    )


def _patient(patient: StoredPatient | None) -> ReportPatient:
    if patient is None:
        return ReportPatient(identified=False, name=NOT_IDENTIFIED, identifier="", issuer="", birth_date=None, sex=None)
    return ReportPatient(
        identified=True,
        name=patient.name or "name unknown",
        identifier=patient.identifier,
        issuer=patient.issuer,
        birth_date=patient.birth_date,
        sex=patient.sex,
    )


def _machines(read: ExamSummary) -> tuple[ReportContext, ...]:
    named = (*((MACHINE, name) for name in read.machines), *((MACHINE_MARK, mark) for mark in read.machine_marks))
    return tuple(ReportContext(name=name, value=value) for name, value in named)


def _stated_as(name: str, value: str) -> tuple[ReportContext, ...]:
    """Nothing where the value is empty."""
    return (ReportContext(name=name, value=value),) if value else ()


def _marks(read: ZoneSummary) -> Iterator[str]:
    """The marks of a zone's machine; of one that changed, with its name."""
    for mark in read.machine_marks:
        yield f"{mark}: {read.machine}" if mark == MACHINE_CHANGED else mark


def _context(context: PatientContext) -> tuple[ReportContext, ...]:
    plain = (("complaint", context.complaint), ("age", "" if context.age_years is None else f"{context.age_years:g} years"))
    known = (("pregnancy", context.pregnancy), ("known heart failure", context.heart_failure))
    return (
        *(ReportContext(name=name, value=value) for name, value in plain if value),
        *(ReportContext(name=name, value=value) for name, value in known if value != "unknown"),
        *(_measured(KINDS[key], measured) for key, measured in context.measurements.items()),
    )


def _measured(kind: Kind, measured: Measurement) -> ReportContext:
    return ReportContext(name=kind.name, value=f"{measured.value:g}", unit=measured.unit, at=measured.at, by=measured.by)


def _review(review: StoredReview) -> ReportReview:
    assert review.saved_at is not None
    quality = ImageQuality.model_validate(review.quality)
    return ReportReview(
        reader=review.reviewer,
        kind=review.kind,
        blind=review.blind,
        saved_at=review.saved_at,
        quality=quality.value,
        quality_most=max(SCALES[quality.scale, quality.version].points),
        quality_scale=f"{quality.scale} {quality.version}",
        discordant=review.discordant,
        comment=review.comment,
    )
