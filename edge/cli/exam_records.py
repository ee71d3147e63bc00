"""`sonoedge exam list|show`: the recorded exams, in the board's shell."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.exam_services import exam_services
from edge.cli.machine import machine_line
from edge.exam.course import ExamState
from edge.exam.review.showing import HIDDEN, standing
from edge.inference.shown import percent, whole
from edge.notice import NOTICE
from edge.records.exams.clips import ClipRecord
from edge.records.exams.forms import StoredExam
from edge.services.book import ShownFinding

NOT_SHOWN = "not shown before the review"

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Id = Annotated[str, typer.Argument(metavar="EXAM", help="The id of an exam of `sonoedge exam list`, or the end of it.")]


def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest exams.")] = 50,
    state: Annotated[ExamState | None, typer.Option(help="Only exams in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List exams, the newest first. Research use, not a diagnosis."""
    with exam_services() as services:
        found = services.book.newest(services.actor, limit, state=state.value if state else None)
    if as_json:
        typer.echo(json.dumps([_ready(exam) for exam in found], default=str))
        return
    rows = [(exam.id, f"{exam.begun_at:%Y-%m-%d %H:%M}", exam.protocol, exam.operator, _patient(exam), _standing(exam)) for exam in found]
    typer.echo("\n".join(columns([("exam", "begun (UTC)", "protocol", "operator", "patient", "standing"), *rows])) if rows else "No exam.")


def show(exam: Id, as_json: AsJson = False) -> None:
    """Show one exam: its clips, what the model states of each, and the decisions. Research use, not a diagnosis."""
    with exam_services() as services:
        book, actor = services.book, services.actor
        exam = book.id_of(actor, exam)
        recorded, clips, findings = book.get(actor, exam), book.clips(actor, exam), book.findings(actor, exam)
    if as_json:
        more = {"clips": [asdict(clip) for clip in clips], "findings": [_visible(each) for each in findings], "notice": NOTICE}
        typer.echo(json.dumps({**_ready(recorded), **more}, default=str))
        return
    typer.echo("\n".join(_lines(recorded, clips, findings)))


def _ready(exam: StoredExam) -> dict[str, object]:
    patient = None if exam.patient is None else asdict(exam.patient)
    return {**exam.model_dump(), "patient": patient, "standing": standing(exam)}


def _standing(exam: StoredExam) -> str:
    return f"{standing(exam)}  SIMULATED" if exam.simulated else standing(exam)


def _patient(exam: StoredExam) -> str:
    if exam.patient is not None:
        return f"{exam.patient.identifier} ({exam.patient.issuer})"
    return "emergency" if exam.emergency else "unknown"


def _lines(exam: StoredExam, clips: tuple[ClipRecord, ...], findings: tuple[ShownFinding, ...]) -> Iterator[str]:
    yield f"{exam.id}  {exam.protocol} {exam.protocol_version}  {_standing(exam)}  {NOTICE}"
    yield f"by {exam.operator}, begun {exam.begun_at:%Y-%m-%d %H:%M} UTC, patient: {_patient(exam)}, folder {exam.folder}"
    yield machine_line((clip.machine for clip in clips), (clip.machine_mark for clip in clips))
    yield ""
    head = ("zone", "clip", "quality", "finding", "probability", "verdict", "decision", "by")
    rows = [_row(clip, finding) for clip in clips for finding in findings if finding.finding.clip_id == clip.id]
    yield from columns([head, *rows]) if rows else ["No zone is done."]


def _visible(each: ShownFinding) -> dict[str, object]:
    shown = {} if each.shown else HIDDEN
    return {**asdict(each.finding), "percent": percent(each.finding.probability), **each.about_images, **shown}


def _row(clip: ClipRecord, shown: ShownFinding) -> tuple[str, ...]:
    finding = shown.finding
    verdict = f"{finding.verdict} ({finding.code})" if finding.code else finding.verdict
    again = " (taken again)" if finding.superseded_at else ""
    decision = f"{finding.decision}: {finding.decided}" if finding.decided else finding.decision
    answer = (f"{percent(finding.probability)} %", verdict, decision, finding.decided_by or "") if shown.shown else (NOT_SHOWN, "", "", "")
    return (finding.zone + again, f"{clip.file or 'none'} ({clip.file_state})", str(whole(clip.quality)), finding.key, *answer)
