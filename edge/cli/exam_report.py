"""`sonoedge exam report`: an exam's report in a few lines, as JSON, or on paper."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.exam_records import Id
from edge.cli.exam_services import exam_services
from edge.cli.machine import machine_line
from edge.cli.progress import working
from edge.disk.durable import replace_file
from edge.exam.protocol.score import total_line
from edge.exam.report.pdf import printed
from edge.exam.report.picture import Shot, picture_of, shots_of
from edge.exam.report.report import Report, ReportFinding, ReportZone
from edge.inference.shown import percent
from firmware_bridge.errors import DiskRefuses


class ReportNotWritten(DiskRefuses):
    """The disk refuses the page."""

    code = "report-not-written"


def report(
    exam: Id,
    number: Annotated[int | None, typer.Option(min=1, help="The number of an issued report; otherwise the newest.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the PDF to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON on stdout, byte for byte as it was issued.")] = False,
) -> None:
    """Show the report of an exam; before the exam is signed, a preliminary one. Research use, not a diagnosis."""
    with exam_services() as services:
        exam_id = services.book.id_of(services.actor, exam)
        given = services.reports.report(services.actor, exam_id, number)
        shots = shots_of(given.report, services.book.recordings(services.actor, exam_id))
    if pdf is not None:
        _write(given.report, shots, pdf)
    if as_json:
        typer.echo(given.stored.body if given.stored else given.report.canonical)
    elif pdf is None:
        typer.echo("\n".join(_lines(given.report)))


def _write(shown: Report, shots: Sequence[Shot], path: Path) -> None:
    with working("printing"):
        made = printed(shown, pictures=tuple(map(picture_of, shots)))
    try:
        replace_file(path, made.content)
    except OSError as error:
        raise ReportNotWritten(f"{path} cannot be written ({error.strerror})", "Give another file, or free some room") from error
    typer.echo(f"{path}: {shown.status} report, {len(made.content) / 1000:.0f} kB", err=True)
    if made.remark:
        typer.echo(made.remark, err=True)


def _lines(shown: Report) -> Iterator[str]:
    simulated = "  SIMULATED" if shown.simulated else ""
    yield f"{shown.status.upper()}  {shown.patient.name}  {shown.protocol} {shown.protocol_version}{simulated}  {shown.notice}"
    yield machine_line(shown.machines, shown.machine_marks)
    if shown.why:
        yield f"Amended: {shown.why}"
    if shown.conclusion:
        yield f"Conclusion: {shown.conclusion}"
    yield ""
    yield from columns([("zone", "name", "stated", "score", "findings"), *(_row(zone) for zone in shown.zones)])
    yield ""
    yield total_line(shown.sum)
    yield f"Scanned by {shown.operator}, {'qualified' if shown.qualified else 'not qualified'}; signed by {shown.signed_by or 'nobody'}"


def _row(zone: ReportZone) -> tuple[str, ...]:
    return zone.id, zone.name, zone.stated, zone.score, "; ".join(map(_finding, zone.findings)) or zone.why


def _finding(found: ReportFinding) -> str:
    return f"{found.name} {found.stated}, model {percent(found.probability)} %, {found.decision}"
