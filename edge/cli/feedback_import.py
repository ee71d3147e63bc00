"""`sonoedge feedback import`: the table of a study, and what it tells of each sign against its reference."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.columns import columns
from edge.cli.progress import working
from edge.feedback.agreement import LEAST, shown_count
from edge.feedback.statistics.figure import Figure, Stated
from edge.feedback.study.column_map import load_map, shipped_map
from edge.feedback.study.study import SignFigures, Study, study_of
from edge.feedback.study.table import read_table
from edge.notice import NOTICE

COUNTS = ("true_present", "false_present", "false_absent", "true_absent")
FIGURES = ("sensitivity", "specificity", "positive", "negative")
HEAD = ("sign", "true +", "false +", "false -", "true -", "sensitivity", "specificity", "LR+", "LR-")


def import_(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="A table in CSV: one row for each patient.")],
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Its column map in YAML; for known tables one is shipped.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
) -> None:
    """Read the table of a study, and print what it tells of each sign, with 95 % intervals. Research use, not a diagnosis."""
    about = load_map(map_) if map_ else shipped_map(table)
    with working("computing the figures"):
        study = study_of(about, read_table(table, about.columns))
    typer.echo(json.dumps(_as_json(study)) if as_json else "\n".join(_page(study)))


def _page(study: Study) -> list[str]:
    about = study.about
    lines = [f"{about.name}: {study.patients} patients", f"Not figures of this site: {about.population}; {about.machine}", ""]
    lines += [*columns([HEAD, *map(_row, study.signs)]), ""]
    lines += [f"{each.sign}: {each.cases} cases count, {each.left_out} lack the sign or its reference" for each in study.signs]
    lines += [f"{each.name}: {each.present} yes, {each.absent} no, {each.unknown} not known" for each in study.counts]
    return [*lines, f"Source: {about.source}", f"{NOTICE.capitalize()}."]


def _row(sign: SignFigures) -> tuple[str, ...]:
    counts = (shown_count(getattr(sign.counts, name)) for name in COUNTS)
    return (sign.id, *(f"<{LEAST}" if each is None else str(each) for each in counts), *(_text(getattr(sign, name)) for name in FIGURES))


def _text(figure: Stated) -> str:
    if isinstance(figure, Figure):
        return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"
    return figure.sentence


def _as_json(study: Study) -> dict[str, object]:
    about = study.about.model_dump(include={"id", "name", "population", "machine", "source"})
    signs = [_sign(each) for each in study.signs]
    return {**about, "patients": study.patients, "signs": signs, "counts": [asdict(each) for each in study.counts], "notice": NOTICE}


def _sign(sign: SignFigures) -> dict[str, object]:
    return {
        "id": sign.id,
        "condition": sign.condition,
        "sign": sign.sign,
        "reference": sign.reference.value,
        **{name: shown_count(getattr(sign.counts, name)) for name in COUNTS},
        "left_out": sign.left_out,
        **{name: _figure(getattr(sign, name)) for name in FIGURES},
    }


def _figure(figure: Stated) -> dict[str, object]:
    return asdict(figure) if isinstance(figure, Figure) else {"why": figure.why.value, "sentence": figure.sentence}
