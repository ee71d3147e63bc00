"""`sonoedge feedback figures`: how well the model does in the exams of this site, against readers and against what turned out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.audit import records
from edge.cli.columns import columns
from edge.cli.exam_records import AsJson
from edge.cli.own import own_settings
from edge.cli.progress import counted_exams
from edge.cli.protocol import catalogue
from edge.feedback.performance.compute import collected_of
from edge.feedback.performance.figures import Group, Judged, Performance, Shares
from edge.feedback.performance.judge import judge
from edge.feedback.performance.stored import StoredPerformance
from edge.feedback.sites.read import write_statistics
from edge.feedback.sites.statistics import SiteStatistics, statistics_of
from edge.feedback.statistics.figure import NoFigure, Stated
from edge.notice import NOTICE

Export = Annotated[
    Path | None, typer.Option("--export", metavar="FILE", help="Write counts for sonoedge feedback sites; no image and no name is in them.")
]
MATRIX = ("true_present", "false_present", "false_absent", "true_absent", "unanswered")
HEAD = ("", *(name.replace("_", " ") for name in MATRIX), "sensitivity", "specificity", "AUC", "ECE")


def figures(export: Export = None, as_json: AsJson = False) -> None:
    """Compute how well the model does in the exams of this site, and store it for the page. Research use, not a diagnosis."""
    settings = own_settings()
    with records() as store:
        at, cases = store.now(), counted_exams(collected_of(store, catalogue()))
        found = judge(cases, at)
        if export is not None:
            _export(statistics_of(cases, store.seal.fingerprint, at), export)
    StoredPerformance(settings.data.performance).put(found)
    ready = {**found.model_dump(mode="json"), "notice": NOTICE}
    typer.echo(json.dumps(ready) if as_json else "\n".join(_lines(found)))


def _export(statistics: SiteStatistics, path: Path) -> None:
    write_statistics(statistics, path)
    typer.echo(
        f"{path} holds counts only, of no single patient. Small counts are exact in it: show it to those who add up sites.", err=True
    )


def _lines(found: Performance) -> Iterator[str]:
    yield f"The model in the exams of this site, computed {found.at:%Y-%m-%d %H:%M} UTC. {NOTICE}"
    for group in found.groups:
        yield ""
        yield f"Protocol {group.protocol}: {_count(group.exams, found.least)} exams with a label or an outcome"
        yield from (f"  {_count(count, found.least)} not used: {why.value}" for why, count in group.left.items())
        yield from _table(group, found.least)
    if not found.groups:
        yield "No reader has labelled a zone, and no outcome is recorded."


def _table(group: Group, least: int) -> Iterator[str]:
    if group.judged:
        yield from columns([HEAD, *(row for judged in group.judged for row in _rows(judged, least))])


def _rows(judged: Judged, least: int) -> Iterator[tuple[str, ...]]:
    against = f"for {judged.condition}" if judged.kind == "exam" else "in zones"
    yield f"{judged.finding} {against}", *_shares(judged.shares, least), _figure(judged.scores.auc), _figure(judged.scores.ece)
    for dimension, strata in judged.strata.items():
        yield from ((f"  {dimension.value} {each.value}", *_shares(each.shares, least), "", "") for each in strata)


def _shares(shares: Shares, least: int) -> tuple[str, ...]:
    counts = tuple(getattr(shares.counts, name) for name in MATRIX) if shares.counts else ("",) * len(MATRIX)
    return (*(f"<{least}" if each is None else str(each) for each in counts), _figure(shares.sensitivity), _figure(shares.specificity))


def _figure(stated: Stated) -> str:
    if isinstance(stated, NoFigure):
        return stated.sentence
    return f"{stated.value:.2f} ({stated.low:.2f} to {stated.high:.2f})"


def _count(count: int | None, least: int) -> str:
    return f"fewer than {least}" if count is None else str(count)
