"""`sonoedge exam report`: an exam's report in a few lines, as JSON, or on paper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.protocol import catalogue
from edge.disk.durable import replace_file
from edge.exam.report.pdf import printed
from edge.exam.report.report import Report, ReportZone
from edge.records.exams.reports import Reports
from edge.services.report import Told, as_it_stands
from firmware_bridge.errors import DiskRefuses


class ReportNotWritten(DiskRefuses):
    """The disk refuses the page."""

    code = "report-not-written"


def report(
    exam: Annotated[str, typer.Argument(metavar="EXAM", help="Its id, as `sonoedge exam list` prints it.")],
    number: Annotated[int | None, typer.Option(min=1, help="Which report that was given out; without it the newest.")] = None,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the page there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON on stdout, byte for byte as it was given out.")] = False,
) -> None:
    """Show an exam's report; a preliminary one before it is signed. Research use, not a diagnosis."""
    told = _told(exam, number)
    if pdf is not None:
        _write(told.report, pdf)
    if as_json:
        typer.echo(told.kept.body if told.kept else told.report.canonical)
    elif pdf is None:
        typer.echo("\n".join(_lines(told.report)))


def _told(exam: str, number: int | None) -> Told:
    with records() as store:
        return as_it_stands(Reports(store), catalogue(), exam, number)


def _write(told: Report, path: Path) -> None:
    made = printed(told)
    try:
        replace_file(path, made.content)
    except OSError as error:
        raise ReportNotWritten(f"{path} cannot be written ({error.strerror})", "Give another file, or free some room") from error
    typer.echo(f"{path}: {told.status} report, {len(made.content) / 1000:.0f} kB", err=True)
    if made.remark:
        typer.echo(made.remark, err=True)


def _lines(told: Report) -> Iterator[str]:
    simulated = "  SIMULATED" if told.simulated else ""
    yield f"{told.status.upper()}  {told.patient.name}  {told.protocol} {told.protocol_version}{simulated}  {told.notice}"
    if told.why:
        yield f"Amended: {told.why}"
    yield ""
    yield from columns([("zone", "name", "stated", "score", "findings"), *(_row(zone) for zone in told.zones)])
    yield ""
    yield f"Sum {told.sum}"
    yield f"Scanned by {told.operator}, {'qualified' if told.qualified else 'not qualified'}; signed by {told.signed_by or 'nobody'}"


def _row(zone: ReportZone) -> tuple[str, ...]:
    """Rounded down, as everywhere: 69.9 % is not 70 %."""
    findings = "; ".join(f"{each.name} {each.stated}, model {int(100 * each.probability)}%, {each.decision}" for each in zone.findings)
    return zone.id, zone.name, zone.stated, zone.score, findings or zone.why
