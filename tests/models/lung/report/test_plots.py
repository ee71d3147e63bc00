"""The plots show the numbers of the evaluation: the tests read the drawn values from the axes."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")
pytest.importorskip("matplotlib", reason="needs matplotlib of the extra [train]")

from models.lung.report import plots
from models.lung.report.style import RELEASES, svg

pytestmark = pytest.mark.slow

SET = "covid_blues"


@pytest.fixture(scope="module")
def releases(evaluation):
    return evaluation.releases


def panels(releases, figure):
    """Each panel with the evaluations of its finding, by release."""
    findings = [release.sets[0].findings for release in releases]
    assert len(figure.axes) == 3
    return zip(figure.axes, zip(*findings, strict=True), strict=True)


def drawn(axes, colour, marker="None"):
    (line,) = [line for line in axes.lines if line.get_color() == colour and line.get_marker() == marker and len(line.get_xdata()) > 2]
    return line


def test_roc_curves_are_those_of_the_evaluation(releases):
    for axes, findings in panels(releases, plots.roc(releases, SET)):
        assert axes.get_title() == findings[0].name
        for colour, finding in zip(RELEASES, findings, strict=False):
            line = drawn(axes, colour)
            assert tuple(line.get_xdata()) == finding.accuracy.roc.x
            assert tuple(line.get_ydata()) == finding.accuracy.roc.y
            assert f"AUC {finding.accuracy.auc.value:.2f}" in line.get_label()


def test_reliability_is_that_of_the_evaluation(releases):
    for axes, findings in panels(releases, plots.reliability(releases, SET)):
        for colour, marker, finding in zip(RELEASES, "os", findings, strict=False):
            line = drawn(axes, colour, marker)
            assert line.get_xdata().tolist() == [each.probability for each in finding.calibration.bins]
            assert line.get_ydata().tolist() == [each.present.value for each in finding.calibration.bins]


def test_abstention_is_that_of_the_evaluation(releases):
    for axes, findings in panels(releases, plots.abstention(releases, SET)):
        for colour, marker, finding in zip(RELEASES, "os", findings, strict=False):
            assert tuple(drawn(axes, colour).get_ydata()) == finding.abstention.accuracy.y
            marks = drawn(axes, colour, marker)
            assert list(marks.get_ydata()) == [each.right.value for each in finding.coverage]
            assert list(marks.get_xdata()) == [1 - each.answered.value for each in finding.coverage]


def test_bars_of_sets_have_the_lengths_of_the_evaluation(releases):
    figure = plots.sets(releases, SET)
    shown = [finding for release in releases for finding in release.sets[0].findings]
    assert len(figure.axes) == len(shown) == 6
    for axes, finding in zip(figure.axes, shown, strict=True):
        widths = [bar.get_width() for bar in axes.patches[:24]]
        rows = [each for of in finding.coverage for each in ((of.with_finding, "present"), (of.without, "absent"))]
        for row, (answers, truth) in enumerate(rows):
            right, wrong = (answers.present, answers.absent) if truth == "present" else (answers.absent, answers.present)
            expected = np.array([right, wrong, answers.both, answers.empty]) / answers.clips
            assert widths[4 * row : 4 * row + 4] == pytest.approx(expected)
        assert [text.get_text() for text in axes.texts] == [f"{answers.covered.value:.2f}" for answers, _ in rows]


def test_every_clip_is_a_dot_at_float_and_int8(releases):
    figure = plots.quantisation(releases, SET)
    shown = [(release, finding) for release in releases for finding in release.sets[0].findings]
    for axes, (release, finding) in zip(figure.axes, shown, strict=True):
        dots = next(line for line in axes.lines if line.get_marker() == ".")
        assert len(dots.get_xdata()) == finding.clips
        assert tuple(zip(dots.get_xdata(), dots.get_ydata(), strict=True)) == finding.quantisation.pairs
        assert axes.get_title() == f"{finding.name}, {release.release}"


def test_the_forest_plot_shows_each_group_and_marks_groups_that_are_too_small(releases):
    figure = plots.forest(releases, SET)
    names = [f"{group.variable}: {group.group}" for group in releases[0].sets[0].findings[0].subgroups]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == names
    for axes, findings in panels(releases, figure):
        for colour, marker, finding in zip(RELEASES, "os", findings, strict=False):
            values = [group.figures.auc.value for group in finding.subgroups if group.figures]
            assert list(drawn(axes, colour, marker).get_xdata()) == values
        assert len(axes.texts) == sum(not group.figures for group in findings[0].subgroups)


def test_novelty_has_a_dot_for_each_picture_and_the_limit(releases):
    figure = plots.novelty(releases)
    for axes, release in zip(figure.axes, releases, strict=True):
        of = release.novelty
        *rows, limit = axes.lines
        assert [tuple(row.get_xdata()) for row in rows] == [each.novelty for each in (*of.lungs, *of.kinds)]
        assert limit.get_xdata()[0] == of.limit
        assert [text.get_text() for text in axes.texts][2:] == [f"{kind.read_as_lung} of {kind.pictures}" for kind in of.kinds]


def test_the_learning_curve_is_that_of_the_evaluation(releases):
    (axes,) = plots.learning(releases).axes
    assert axes.get_title() == "B-lines"
    assert list(axes.lines[0].get_xdata()) == [12, 37]
    assert list(axes.lines[0].get_ydata()) == [0.71, 0.88]
    floors = [f"{release.release}, plain network {release.cross_validated[0].accuracy.plain_auc.value:.2f}" for release in releases]
    assert {line.get_label() for line in axes.lines[1:]} == {"goal 0.90", *floors}


def test_a_plot_keeps_its_text_and_fits_its_place(releases):
    made = svg(plots.roc(releases, SET), "mine")
    head = made[: made.index(">")]
    assert made.startswith("<svg")
    assert "viewBox" in head
    assert " width=" not in head
    assert 'id="mine-' in made
