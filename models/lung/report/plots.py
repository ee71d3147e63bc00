"""The pictures of an evaluation: a panel a finding, a colour a release. Each shows numbers that evaluation.json holds."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from models.lung.evaluation.coverage import Answers, Coverage
from models.lung.evaluation.evaluation import FindingEvaluation, ReleaseEvaluation
from models.lung.evaluation.learning import LearningPoint
from models.lung.evaluation.novelty import Lungs, Novelty
from models.lung.evaluation.targets import AUC_GOALS
from models.lung.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MARKERS,
    PALE,
    RELEASES,
    VERMILLION,
    at_right,
    label,
    legend_above,
    legend_below,
    panels,
    unit_square,
)
from models.lung.report.tables import Releases, findings_of, number, text_of

Shown = list[tuple[str, str, str, FindingEvaluation]]
"""Of one finding: each release's name, colour and marker, and what was found."""
GOLDEN, SCATTER, SMALLEST = 0.618034, 0.6, 1e-3
"""Dots of a row are scattered over so much of its height, by the golden ratio; a logarithmic axis has no 0."""


def roc(releases: Releases, dataset: str) -> Figure:
    figure, each = _panels(releases, dataset, height=4.3)
    for axes, shown in each:
        unit_square(axes, "false-positive rate", "sensitivity")
        for release, colour, _, finding in shown:
            of = finding.accuracy.roc
            axes.fill_between(of.x, of.low, of.high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(of.x, of.y, color=colour, label=f"{release}: AUC {text_of(finding.accuracy.auc)}")
        legend_below(axes)
    return figure


def reliability(releases: Releases, dataset: str) -> Figure:
    figure, each = _panels(releases, dataset, height=4.3)
    for axes, shown in each:
        unit_square(axes, "mean probability of a bin", "share of clips with it")
        for release, colour, marker, finding in shown:
            bins = finding.calibration.bins
            x, y = np.array([each.probability for each in bins]), np.array([each.present.value for each in bins])
            low, high = np.array([each.present.low for each in bins]), np.array([each.present.high for each in bins])
            axes.vlines(x, low, high, color=colour, alpha=0.4, linewidth=1)
            axes.plot(x, y, marker, color=colour, markersize=5, label=f"{release}: ECE {text_of(finding.calibration.ece)}")
        legend_below(axes)
    return figure


def abstention(releases: Releases, dataset: str) -> Figure:
    figure, each = _panels(releases, dataset, sharey=True)
    for axes, shown in each:
        axes.set(xlabel="share of clips left unanswered", ylabel="accuracy of the others", xlim=(0, 0.92))
        for release, colour, marker, finding in shown:
            of = finding.abstention.accuracy
            axes.fill_between(of.x, of.low, of.high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(of.x, of.y, color=colour, label=release)
            sets = [each for each in finding.coverage if each.right]
            right = [each.right.value for each in sets if each.right]
            axes.plot([1 - each.answered.value for each in sets], right, marker, color=colour, markersize=6, markeredgecolor="white")
        axes.axhline(shown[0][3].abstention.commoner, color=GREY, linewidth=1, linestyle=":", label="always the more common class")
    legend_above(figure, figure.axes[0])
    return figure


def sets(releases: Releases, dataset: str) -> Figure:
    """Of clips with a finding and clips without: how many sets are right, wrong, or can't tell."""
    shown = list(findings_of(releases, dataset))
    figure, axes_of = panels(
        len({finding.key for _, finding in shown}), len({release.release for release, _ in shown}), height=2.6, sharey=True
    )
    by_release = sorted(shown, key=lambda pair: list(releases).index(pair[0]))
    for axes, (release, finding) in zip(axes_of, by_release, strict=True):
        bars = [bar for of in finding.coverage for bar in _bars(of)]
        for row, (_, counts, clips, covered) in enumerate(bars):
            begun = np.concatenate([[0], np.cumsum(counts)[:-1]]) / clips
            axes.barh([row] * 4, np.array(counts) / clips, left=begun, color=(BLUE, VERMILLION, PALE, GREY), height=0.7)
            at_right(axes, row, covered)
        label(axes, [bar[0] for bar in bars])
        axes.set(xlim=(0, 1.0), title=f"{finding.name}, {release.release}", xlabel="share of clips (right: coverage)")
    for colour, name in zip((BLUE, VERMILLION, PALE, GREY), ("right", "wrong", "can't tell: both", "can't tell: empty"), strict=True):
        axes_of[0].barh([0], [0], color=colour, label=name)
    legend_above(figure, axes_of[0])
    return figure


def _bars(of: Coverage) -> Iterator[tuple[str, tuple[int, int, int, int], int, str]]:
    """A row of the chart: its name; counts of right, wrong, both and empty; clips; coverage."""

    def bar(name: str, answers: Answers, right: int, wrong: int) -> tuple[str, tuple[int, int, int, int], int, str]:
        return f"α {of.alpha:g}, {name}", (right, wrong, answers.both, answers.empty), answers.clips, number(answers.covered.value)

    yield bar("with it", of.with_finding, of.with_finding.present, of.with_finding.absent)
    yield bar("without it", of.without, of.without.absent, of.without.present)


def quantisation(releases: Releases, dataset: str) -> Figure:
    shown = sorted(findings_of(releases, dataset), key=lambda pair: list(releases).index(pair[0]))
    figure, axes_of = panels(len({finding.key for _, finding in shown}), len({release.release for release, _ in shown}), height=3.6)
    for axes, (release, finding) in zip(axes_of, shown, strict=True):
        unit_square(axes, "probability, float", "probability, int8")
        of, colour = finding.quantisation, RELEASES[list(releases).index(release)]
        axes.plot(*zip(*of.pairs, strict=True), ".", color=colour, alpha=0.4, markersize=4, markeredgewidth=0)
        axes.set_title(f"{finding.name}, {release.release}")
        axes.text(0.03, 0.97, f"largest change {number(of.largest_change, 3)}", va="top", transform=axes.transAxes)
    return figure


def forest(releases: Releases, dataset: str) -> Figure:
    figure, each = _panels(releases, dataset, height=5.2, sharex=True, sharey=True)
    for axes, shown in each:
        groups = shown[0][3].subgroups
        for number_, (release, colour, marker, finding) in enumerate(shown):
            axes.axvline(finding.accuracy.auc.value, color=colour, linewidth=1, linestyle=":")
            rows = [(row, group.figures.auc) for row, group in enumerate(finding.subgroups) if group.figures]
            y = np.array([row for row, _ in rows]) + 0.25 * (number_ - (len(shown) - 1) / 2)
            axes.hlines(y, [auc.low for _, auc in rows], [auc.high for _, auc in rows], color=colour, linewidth=1.2)
            axes.plot([auc.value for _, auc in rows], y, marker, color=colour, markersize=4, label=release)
        for row, group in enumerate(groups):
            if not group.figures:
                axes.text(0.5, row, "too few clips", va="center", ha="center", fontsize=8, color=GREY, transform=axes.get_yaxis_transform())
        label(axes, [f"{group.variable}: {group.group}" for group in groups])
        axes.set(xlabel="AUC (dotted: of all clips)")
    legend_above(figure, figure.axes[0])
    return figure


def novelty(releases: Releases) -> Figure:
    """A dot a picture: a row of lungs a data set, and a row a kind of strangers."""
    shown = [(release, release.novelty) for release in releases if release.novelty]
    rows = max(len(of.lungs) + len(of.kinds) for _, of in shown)
    figure, axes_of = panels(len(shown), height=0.8 + 0.36 * rows, sharey=True)
    for axes, (release, of) in zip(axes_of, shown, strict=True):
        _strips(axes, of)
        axes.set(title=f"{release.release}, limit {number(of.limit)}", xlabel="novelty (numbers: how many are read as lung)", xscale="log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(NullLocator())
    return figure


def _strips(axes: Axes, of: Novelty) -> None:
    lungs = [(_name(each), each.novelty, BLUE, f"{each.clips - each.beyond_limit} of {each.clips}") for each in of.lungs]
    kinds = [(each.kind, each.novelty, VERMILLION, f"{each.read_as_lung} of {each.pictures}") for each in of.kinds]
    for row, (_, values, colour, read_as_lung) in enumerate((*lungs, *kinds)):
        height = row + SCATTER * (np.arange(len(values)) * GOLDEN % 1 - 0.5)
        axes.plot(np.maximum(values, SMALLEST), height, ".", color=colour, alpha=0.5, markersize=5, markeredgewidth=0)
        at_right(axes, row, read_as_lung)
    label(axes, [name for name, *_ in (*lungs, *kinds)])
    axes.axvline(of.limit, color=INK, linewidth=1)


def _name(lungs: Lungs) -> str:
    return f"lungs of {lungs.dataset}, {'external' if lungs.external else 'left out'}"


def learning(releases: Releases) -> Figure:
    points = [(place, point) for place, release in enumerate(releases) for point in release.learning_curve]
    findings = list(dict.fromkeys(point.finding for _, point in points))
    names = {finding.key: finding.name for release in releases for finding in release.cross_validated}
    figure, axes_of = panels(len(findings), height=3.8, sharey=True)
    for axes, key in zip(axes_of, findings, strict=True):
        for place, release in enumerate(releases):
            _curve(axes, [point for of, point in points if of == place and point.finding == key], place, release)
            _floor(axes, key, place, release)
        if key in AUC_GOALS:
            axes.axhline(AUC_GOALS[key], color=GREEN, linewidth=1, label=f"goal {number(AUC_GOALS[key])}")
        axes.set(title=names.get(key, key), xlabel="patients used for training", ylabel="AUC, patients left out")
        legend_below(axes)
    return figure


def _curve(axes: Axes, points: list[LearningPoint], place: int, release: ReleaseEvaluation) -> None:
    if points:
        points = sorted(points, key=lambda point: point.patients)
        x = [point.patients for point in points]
        axes.vlines(x, [point.low for point in points], [point.high for point in points], color=RELEASES[place], alpha=0.4)
        axes.plot(x, [point.auc for point in points], f"{MARKERS[place]}-", color=RELEASES[place], markersize=5, label=release.release)


def _floor(axes: Axes, key: str, place: int, release: ReleaseEvaluation) -> None:
    for finding in release.cross_validated:
        if finding.key == key and (plain := finding.accuracy.plain_auc):
            label = f"{release.release}, plain network {number(plain.value)}"
            axes.axhline(plain.value, color=RELEASES[place], linewidth=1, linestyle=":", label=label)


def _panels(releases: Releases, dataset: str, height: float = 3.4, **shared: bool) -> tuple[Figure, Iterator[tuple[Axes, Shown]]]:
    """A panel a finding, titled."""
    findings = [list(group) for _, group in groupby(findings_of(releases, dataset), key=lambda pair: pair[1].key)]
    figure, axes_of = panels(len(findings), height=height, **shared)

    def each() -> Iterator[tuple[Axes, Shown]]:
        for axes, pairs in zip(axes_of, findings, strict=True):
            places = [list(releases).index(release) for release, _ in pairs]
            axes.set_title(pairs[0][1].name)
            yield (
                axes,
                [(release.release, RELEASES[at], MARKERS[at], finding) for at, (release, finding) in zip(places, pairs, strict=True)],
            )

    return figure, each()
