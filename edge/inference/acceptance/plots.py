"""Pictures of one judged finding as SVG, drawn here: the appliance has no library for plots."""

from collections.abc import Iterable, Sequence

import numpy as np

from edge.inference.acceptance.figures import Answers, Cases
from edge.inference.acceptance.judge import Judged
from edge.inference.reliability import bins
from edge.inference.statistics import Numbers

BLUE, VERMILLION, GREY, INK = "#0072B2", "#D55E00", "#8C8C8C", "#222222"
"""People who are colour-blind can distinguish them (Okabe & Ito 2008)."""
SIDE, EDGE = 200, 40
"""Of the square of a plot and of the room around it, in pixels."""
COLUMNS = 10

Point = tuple[float, float]


def roc(judged: Judged) -> str:
    """Sensitivity over the false-positive rate."""
    points = _roc_points(judged.cases)
    return _plot("ROC", "false-positive rate", "sensitivity", [_diagonal(), _line(points, BLUE)])


def reliability(judged: Judged) -> str:
    """The share of clips with the finding over the mean probability, in bins: before local calibration and after it."""
    marks = [
        mark
        for answers, colour, shape in ((judged.answers_before, VERMILLION, _square), (judged.answers_after, BLUE, _dot))
        for mark in (shape(point, colour) for point in _bin_points(judged.cases, answers))
    ]
    return _plot("Reliability", "mean probability", "share with the finding", [_diagonal(), *marks, *_legend(("before", "after"))])


def distribution(judged: Judged) -> str:
    """How many clips have which probability after local calibration: with the finding and without it, each as a share of its class."""
    after, has = judged.answers_after.probability, judged.cases.has
    parts = [_bars(after[~has], VERMILLION, 0.0), _bars(after[has], BLUE, 0.5)]
    limits = [
        _line([(at, 0), (at, 1)], GREY, dashed=True) for at in (judged.thresholds.present_from, judged.thresholds.absent_to) if 0 < at < 1
    ]
    return _plot("Probabilities by class", "probability", "share of the class", [*parts, *limits, *_legend(("without it", "with it"))])


def _roc_points(cases: Cases) -> list[Point]:
    order = np.argsort(-cases.logits, kind="stable")
    logits, has = cases.logits[order], cases.has[order]
    last = np.append(np.diff(logits) != 0, True)  # clips with the same logit are one step
    hit, false = np.cumsum(has)[last] / has.sum(), np.cumsum(~has)[last] / (~has).sum()
    return [(0.0, 0.0), *zip(false.tolist(), hit.tolist(), strict=True)]


def _bin_points(cases: Cases, answers: Answers) -> list[Point]:
    members = bins(answers.probability) == 1
    return [(float(answers.probability[inside].mean()), float(cases.labels[inside].mean())) for inside in members]


def _bars(probability: Numbers, colour: str, shift: float) -> str:
    """Half as wide as a column; `shift` is in columns."""
    counts, _ = np.histogram(probability, COLUMNS, (0.0, 1.0))
    width = SIDE / COLUMNS / 2
    return "".join(
        f'<rect x="{_x((column + shift) / COLUMNS):.1f}" y="{_y(share):.1f}" '
        f'width="{width:.1f}" height="{SIDE * share:.1f}" fill="{colour}"/>'
        for column, share in enumerate((counts / max(1, counts.sum())).tolist())
    )


def _plot(title: str, x: str, y: str, parts: Iterable[str]) -> str:
    side, middle = SIDE + 2 * EDGE, EDGE + SIDE / 2
    ticks = "".join(
        f'<text x="{_x(at):.0f}" y="{SIDE + EDGE + 14}" text-anchor="middle">{at:g}</text>'
        f'<text x="{EDGE - 5}" y="{_y(at) + 4:.0f}" text-anchor="end">{at:g}</text>'
        for at in (0, 0.5, 1)
    )
    return (
        f'<svg viewBox="0 0 {side} {side}" width="{side}" height="{side}" role="img" aria-label="{title}" fill="{INK}" font-size="11" '
        f'font-family="sans-serif"><text x="{middle:.0f}" y="18" text-anchor="middle" font-weight="bold">{title}</text>'
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{GREY}"/>{"".join(parts)}{ticks}'
        f'<text x="{middle:.0f}" y="{side - 8}" text-anchor="middle">{x}</text>'
        f'<text x="12" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 12 {middle:.0f})">{y}</text></svg>'
    )


def _legend(names: Sequence[str]) -> list[str]:
    """Two names: the first in vermillion with a square, the second in blue with a dot."""
    return [
        f'<text x="{EDGE + 8 + 100 * place}" y="{EDGE - 6}" fill="{colour}">{mark} {name}</text>'
        for place, (name, colour, mark) in enumerate(zip(names, (VERMILLION, BLUE), ("■", "●"), strict=True))
    ]


def _diagonal() -> str:
    return _line([(0, 0), (1, 1)], GREY, dashed=True)


def _line(points: Sequence[Point], colour: str, *, dashed: bool = False) -> str:
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>'


def _dot(at: Point, colour: str) -> str:
    return f'<circle cx="{_x(at[0]):.1f}" cy="{_y(at[1]):.1f}" r="4" fill="{colour}"/>'


def _square(at: Point, colour: str) -> str:
    return f'<rect x="{_x(at[0]) - 4:.1f}" y="{_y(at[1]) - 4:.1f}" width="8" height="8" fill="{colour}"/>'


def _x(value: float) -> float:
    return EDGE + SIDE * value


def _y(value: float) -> float:
    return EDGE + SIDE * (1 - value)
