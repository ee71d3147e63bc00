"""From what is recorded of an exam to its report; no zone is left out, and what nobody decided says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge.exam.context import KINDS, Kind, Measurement, PatientContext
from edge.exam.exam import SKIP_REASONS, Done, Exam, Skipped, ZoneState
from edge.exam.protocol.protocol import Zone
from edge.exam.protocol.score import ZoneScore, total, unscored, zone_score
from edge.exam.report.report import Report, ReportContext, ReportFinding, ReportPatient, ReportReview, ReportZone, Stated, Status
from edge.exam.review.image_scale import SCALES
from edge.exam.review.review import ImageQuality
from edge.exam.verdict import WORDS, Verdict
from edge.inference.finding_label import ABSENT, PRESENT
from edge.records.exams.findings import OPEN, StoredFinding
from edge.records.exams.forms import StoredExam
from edge.records.exams.patients import StoredPatient
from edge.records.exams.reports import Material
from edge.records.exams.reviews import StoredReview, standing

NAMES: Mapping[str, str] = {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"}
"""Of findings by key, as the model release names them; a report is made without one at hand."""

NOT_IDENTIFIED = "not identified"

STATED_WORDS = {Verdict.PRESENT: "present", Verdict.ABSENT: "absent", Verdict.UNSURE: "not assessable"}
"""What holds of a finding, in a word."""

OPPOSITE = {Verdict.PRESENT: Verdict.ABSENT, Verdict.ABSENT: Verdict.PRESENT, Verdict.UNSURE: Verdict.UNSURE}


@dataclass(frozen=True, slots=True)
class Issue:
    """Under what heading a report is given out. `number` is 0 and `by`, who signs it, None while it is preliminary."""

    status: Status = "preliminary"
    number: int = 0
    by: str | None = None
    why: str = ""


PRELIMINARY = Issue()


def report_of(kept: Material, exam: Exam, issue: Issue = PRELIMINARY) -> Report:
    """The report; `exam` is the kept one under its protocol."""
    record, rule = kept.exam, exam.protocol.score
    scores = {zone.id: _score(exam, kept.findings, zone) for zone in exam.protocol.zones}
    return Report(
        status=issue.status,
        number=issue.number,
        why=issue.why,
        made_at=kept.now,
        exam=record.id,
        study_uid=record.study_uid,
        begun_at=record.begun_at,
        ended_at=record.ended_at,
        emergency=record.emergency,
        simulated=record.simulated,
        patient=_patient(record.patient),
        context=_context(record),
        operator=record.operator,
        qualified=record.qualified,
        signed_by=issue.by,
        signed_at=kept.now if issue.by else None,
        protocol=record.protocol,
        protocol_name=exam.protocol.name,
        protocol_version=record.protocol_version,
        protocol_digest=record.protocol_digest,
        releases=tuple(sorted({finding.release for finding in kept.findings})),
        zones=tuple(_zone(kept, zone, exam.zones.get(zone.id), scores[zone.id]) for zone in exam.protocol.zones),
        sum=total(rule, scores.values()).text,
        sum_note=rule.note,
        reviews=tuple(_review(review) for review in standing(kept.reviews)),
    )


def stated(finding: StoredFinding) -> Verdict:
    """What holds of a finding: the model's verdict until a person decides. Who rejects it says the opposite; there is no third."""
    said = Verdict(finding.verdict)
    match finding.decision:
        case "open" | "accepted":
            return said
        case "rejected":
            return OPPOSITE[said]
        case "edited" if finding.decided in (PRESENT, ABSENT):
            return Verdict(finding.decided)
        case _:
            return Verdict.UNSURE


def _score(exam: Exam, findings: Iterable[StoredFinding], zone: Zone) -> ZoneScore:
    if not isinstance(exam.zones.get(zone.id), Done):
        return unscored(exam.protocol.score)
    return zone_score(exam.protocol.score, {finding.key: stated(finding) for finding in findings if finding.zone == zone.id})


def _zone(kept: Material, zone: Zone, state: ZoneState | None, score: ZoneScore) -> ReportZone:
    findings = [finding for finding in kept.findings if finding.zone == zone.id]
    clip = next((clip for clip in kept.clips if clip.zone == zone.id and clip.superseded_at is None), None)
    return ReportZone(
        id=zone.id,
        name=zone.name,
        side=zone.side,
        view=zone.draw.view,
        x=zone.draw.x,
        y=zone.draw.y,
        stated=_stated(state, score),
        why=_why(state),
        decided=bool(findings) and all(finding.decision != OPEN for finding in findings),
        score=score.text if isinstance(state, Done) else "",
        quality=state.finding.quality if isinstance(state, Done) else None,
        recorded_anyway=state.overridden if isinstance(state, Done) else (),
        clip=clip.file if clip else "",
        clip_sha256=clip.sha256 if clip else "",
        findings=tuple(_finding(finding) for finding in findings),
    )


def _stated(state: ZoneState | None, score: ZoneScore) -> Stated:
    """Pathological where a pattern beyond the mildest is there, normal where every one is ruled out, else not assessable."""
    if not isinstance(state, Done):
        return "not examined"
    if score.low > 0:
        return "pathological"
    return "normal" if score.settled and score.high == 0 else "not assessable"


def _why(state: ZoneState | None) -> str:
    match state:
        case Done(finding):
            return "" if finding.assessable else f"{finding.code}: {finding.advice}"
        case Skipped(reason, note):
            return f"skipped. {SKIP_REASONS[reason]}{f': {note}' if note else ''}"
        case None:
            return "no reason was given"


def _finding(finding: StoredFinding) -> ReportFinding:
    return ReportFinding(
        id=finding.id,
        key=finding.key,
        name=NAMES.get(finding.key, finding.key),
        probability=finding.probability,
        set=tuple(finding.prediction),
        word=WORDS[Verdict(finding.verdict)],
        decision=finding.decision.replace("_", " "),
        decided_by=finding.decided_by,
        decided_at=finding.decided_at,
        stated=STATED_WORDS[stated(finding)],
    )


def _patient(patient: StoredPatient | None) -> ReportPatient:
    if patient is None:
        return ReportPatient(identified=False, name=NOT_IDENTIFIED, identifier="", issuer="", birth_date=None, sex=None)
    return ReportPatient(
        identified=True,
        name=patient.name or "name not known",
        identifier=patient.identifier,
        issuer=patient.issuer,
        birth_date=patient.birth_date,
        sex=patient.sex,
    )


def _context(record: StoredExam) -> tuple[ReportContext, ...]:
    said = PatientContext.model_validate(record.context)
    plain = (("complaint", said.complaint), ("age", "" if said.age_years is None else f"{said.age_years:g} years"))
    known = (("pregnancy", said.pregnancy), ("known heart failure", said.heart_failure))
    return (
        *(ReportContext(name=name, value=value) for name, value in plain if value),
        *(ReportContext(name=name, value=value) for name, value in known if value != "unknown"),
        *(_measured(KINDS[key], told) for key, told in said.measurements.items()),
    )


def _measured(kind: Kind, told: Measurement) -> ReportContext:
    return ReportContext(name=kind.name, value=f"{told.value:g}", unit=told.unit, at=told.at, by=told.by)


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
