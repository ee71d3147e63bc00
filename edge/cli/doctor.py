"""`sonoedge doctor`: what works on this machine, what does not, and what to do."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.cli.own import own_settings
from edge.cli.progress import working
from edge.health.doctor import examine
from edge.health.finding import Finding, Verdict
from edge.health.log import set_up_log

STYLES = {Verdict.OK: "green", Verdict.ATTENTION: "yellow", Verdict.FAILED: "bold red", Verdict.NOT_CHECKED: "dim"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    model: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A model release to check instead of the active one.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page.")] = None,
) -> None:
    """Check what works on this machine, what does not, and what to do. Exit status 1 if something essential fails."""
    set_up_log("warning")
    settings = own_settings({"model": model, "port": port})
    with working("checking"):
        findings = examine(settings)
    works = all(finding.verdict is not Verdict.FAILED for finding in findings)
    if as_json:
        typer.echo(json.dumps({"works": works, "checks": [asdict(finding) for finding in findings]}))
    else:
        _show(findings)
    raise typer.Exit(0 if works else 1)


def _show(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        detail = Text(finding.detail)
        if finding.fix:
            detail.append(f"\n-> {finding.fix}", style="bold")
        table.add_row(Text(finding.verdict.value, style=STYLES[finding.verdict]), finding.name, detail)
    Console().print(table)
