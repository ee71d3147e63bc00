"""The figures of a benchmark, as a table or as JSON, each with its target."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from edge.bench.verdict import FAIL, PASS, Figure, Targets, judge, passes

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FAILED = 1


def show(
    measured: "DataclassInstance",
    targets: Targets,
    *,
    as_json: bool,
    check: bool,
    fell: Sequence[str] = (),
    notes: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> None:
    """Exit status 1 where a ratio fell, or `check` and a target is missed.

    `fell` has a sentence for each ratio that fell below its baseline; `notes` are texts by kind and name.
    """
    figures = asdict(measured)
    rows = judge(figures, targets)
    passed = passes(rows)
    if as_json:
        verdicts = {row.label: {"target": row.target, "verdict": row.verdict} for row in rows if row.verdict}
        report = {name: _ready(value) for name, value in figures.items()}
        typer.echo(json.dumps({**report, **notes, "passed": passed, "verdicts": verdicts, "fell": fell}))
    else:
        table = Table("figure", "measured", "target", "verdict")
        for row in rows:
            table.add_row(row.label, f"{round(row.measured, 4):g}", row.target, row.verdict)
        Console().print(table)
        for kind, texts in notes.items():
            typer.echo("".join(f"{kind}: {name}: {text}\n" for name, text in texts.items()), nl=False)
        typer.echo(PASS if passed else FAIL)
    for sentence in fell:
        typer.echo(f"sonoedge: {sentence}", err=True)
    if fell or (check and not passed):
        raise typer.Exit(FAILED)


def _ready(value: Figure) -> object:
    """For JSON, which has no infinite numbers."""
    if isinstance(value, Mapping):
        return {name: _ready(number) for name, number in value.items()}
    return round(value, 4) if math.isfinite(value) else None
