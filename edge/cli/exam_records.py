"""`sonoedge exam list|show|export`: the exams that are recorded, from the board's own shell."""

import getpass
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.audit import progress, records
from edge.cli.columns import columns
from edge.exam.course import ExamState
from edge.exam.export import Wanted, export
from edge.exam.review.showing import standing
from edge.notice import NOTICE
from edge.records.exams.clips import ClipRecord
from edge.records.exams.exams import Exams
from edge.records.exams.finding import StoredFinding
from edge.records.exams.forms import StoredExam
from edge.records.exams.reports import Reports
from edge.settings import load_settings

EXIT_INCOMPLETE = 1

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
Id = Annotated[str, typer.Argument(metavar="EXAM", help="Its id, as `sonoedge exam list` prints it.")]


def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, begun last first.")] = 50,
    state: Annotated[ExamState | None, typer.Option(help="Only those in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List exams, begun last first. Research use, not a diagnosis."""
    with records() as store:
        found = Exams(store).newest(limit, state=state.value if state else None)
    if as_json:
        typer.echo(json.dumps([_ready(exam) for exam in found], default=str))
        return
    rows = [(exam.id, f"{exam.begun_at:%Y-%m-%d %H:%M}", exam.protocol, exam.operator, _patient(exam), standing(exam)) for exam in found]
    typer.echo("\n".join(columns([("exam", "begun (UTC)", "protocol", "operator", "patient", "standing"), *rows])) if rows else "No exam.")


def show(exam: Id, as_json: AsJson = False) -> None:
    """Show one exam: its clips, what the model says of each, and what was decided. Research use, not a diagnosis."""
    with records() as store:
        exams = Exams(store)
        recorded, clips, findings = exams.get(exam), exams.clips(exam), exams.findings(exam)
    if as_json:
        more = {"clips": [asdict(clip) for clip in clips], "findings": [asdict(finding) for finding in findings], "notice": NOTICE}
        typer.echo(json.dumps({**_ready(recorded), **more}, default=str))
        return
    typer.echo("\n".join(_lines(recorded, clips, findings)))


def export_(
    exam: Id,
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help="Gets a folder with the exam's name; nothing in it is overwritten.")],
    as_json: AsJson = False,
) -> None:
    """Copy one exam, its clips and its reports to a folder, with the digest of every file. Ends with 1 where a clip is not whole."""
    with records() as store, progress("clips") as copied:
        exams, reports = Exams(store), Reports(store)
        file = exams.file(exam)
        source = load_settings().data.exams / file.folder
        exported = export(Wanted(file, reports.of_exam(exam), source), into, copied)
        exams.exported(f"shell ({getpass.getuser()})", exam, len(exported.files))
    if as_json:
        typer.echo(json.dumps({"folder": str(exported.folder), "files": exported.files, "missing": exported.missing}))
    else:
        typer.echo(f"{exported.folder}: {len(exported.files)} files")
    for each in exported.missing:
        typer.echo(each, err=True)
    if exported.missing:
        raise typer.Exit(EXIT_INCOMPLETE)


def _ready(exam: StoredExam) -> dict[str, object]:
    patient = None if exam.patient is None else asdict(exam.patient)
    return {**exam.model_dump(), "patient": patient, "standing": standing(exam)}


def _patient(exam: StoredExam) -> str:
    if exam.patient is not None:
        return f"{exam.patient.identifier} ({exam.patient.issuer})"
    return "emergency" if exam.emergency else "not stated"


def _lines(exam: StoredExam, clips: tuple[ClipRecord, ...], findings: tuple[StoredFinding, ...]) -> Iterator[str]:
    simulated = "  SIMULATED" if exam.simulated else ""
    yield f"{exam.id}  {exam.protocol} {exam.protocol_version}  {standing(exam)}{simulated}  {NOTICE}"
    yield f"by {exam.operator}, begun {exam.begun_at:%Y-%m-%d %H:%M} UTC, patient: {_patient(exam)}, folder {exam.folder}"
    yield ""
    head = ("zone", "clip", "quality", "finding", "probability", "verdict", "decision", "by")
    rows = [_row(clip, finding) for clip in clips for finding in findings if finding.clip_id == clip.id]
    yield from columns([head, *rows]) if rows else ["No zone is done."]


def _row(clip: ClipRecord, finding: StoredFinding) -> tuple[str, ...]:
    verdict = f"{finding.verdict} ({finding.code})" if finding.code else finding.verdict
    again = " (taken again)" if finding.superseded_at else ""
    decision = f"{finding.decision}: {finding.decided}" if finding.decided else finding.decision
    answer = (f"{clip.quality:.0f}", finding.key, f"{finding.probability:.2f}", verdict, decision, finding.decided_by or "")
    return (finding.zone + again, f"{clip.file or 'none'} ({clip.file_state})", *answer)
