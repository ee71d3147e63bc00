"""The report: one HTML page that works offline, without a script; its tables and pictures are made from one evaluation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.figure import Figure

from edge.inference.statistics import DRAWS
from edge.notice import NOTICE
from models.lung.evaluation.evaluation import Evaluation, SetEvaluation
from models.lung.evaluation.published import PUBLISHED_PATIENTS, SOURCE
from models.lung.evaluation.subgroups import FEWEST_CLIPS, FEWEST_PATIENTS
from models.lung.report import plots, tables
from models.lung.report.style import styled, svg
from models.lung.report.tables import Releases, Table

TEMPLATE = "page.html.jinja"
FIGURES: Mapping[str, Callable[[Releases, str], Figure]] = {
    "roc": plots.roc,
    "reliability": plots.reliability,
    "abstention": plots.abstention,
    "sets": plots.sets,
    "quantisation": plots.quantisation,
    "forest": plots.forest,
}
TABLES: Mapping[str, Callable[[Releases, str], Table]] = {
    "accuracy": tables.accuracy,
    "confusion": tables.confusion,
    "calibration": tables.calibration,
    "coverage": tables.coverage,
    "quantisation": tables.quantisation,
    "subgroups": tables.subgroups,
}
"""What is shown of each data set."""


@dataclass(frozen=True, slots=True)
class SetSection:
    """One data set, with its FIGURES as SVG and its TABLES."""

    of: SetEvaluation
    has_subgroups: bool
    figures: dict[str, str]
    tables: dict[str, Table]


def page(evaluation: Evaluation) -> str:
    """The whole report as HTML."""
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    releases = evaluation.releases
    with_novelty, with_curve = [r for r in releases if r.novelty], [r for r in releases if r.learning_curve]
    patients = [release.pcr.patients for release in releases if release.pcr]
    with styled():
        return environment.get_template(TEMPLATE).render(
            notice=NOTICE,
            names=[release.release for release in releases],
            targets=tables.targets(releases),
            data=tables.data(evaluation),
            sets=list(_sections(releases)),
            sources=tables.sources(releases),
            across=tables.across(releases),
            looks=tables.looks(releases),
            novelty=tables.novelty(releases),
            novelty_figure=svg(plots.novelty(releases), "novelty") if with_novelty else "",
            learning=tables.learning(releases),
            learning_figure=svg(plots.learning(releases), "learning") if with_curve else "",
            published=tables.published(releases),
            published_source=SOURCE,
            published_patients=PUBLISHED_PATIENTS,
            pcr_patients=max(patients, default=0),
            draws=DRAWS,
            fewest_clips=FEWEST_CLIPS,
            fewest_patients=FEWEST_PATIENTS,
        )


def _sections(releases: Releases) -> Iterator[SetSection]:
    for dataset in dict.fromkeys(each.dataset for release in releases for each in release.sets):
        findings = [finding for _, finding in tables.findings_of(releases, dataset)]
        if findings:
            has_subgroups = any(finding.subgroups for finding in findings)
            yield SetSection(
                of=next(each for release in releases for each in release.sets if each.dataset == dataset),
                has_subgroups=has_subgroups,
                figures={
                    name: svg(draw(releases, dataset), f"{dataset}-{name}")
                    for name, draw in FIGURES.items()
                    if name != "forest" or has_subgroups
                },
                tables={name: make(releases, dataset) for name, make in TABLES.items()},
            )
