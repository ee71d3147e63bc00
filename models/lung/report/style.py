"""How pictures look: colours that the colour-blind tell apart, plain axes, and text that stays text."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, GREY, PALE, INK = "#0072B2", "#D55E00", "#009E73", "#8C8C8C", "#D9D9D9", "#222222"
"""Okabe & Ito 2008, and greys."""
RELEASES = (BLUE, VERMILLION, GREEN)
MARKERS = ("o", "s", "^")
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "sonoedge",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "legend.frameon": False,
    "legend.fontsize": 8,
}
WIDTH = 10.5
"""Inches."""


@contextmanager
def styled() -> Iterator[None]:
    """Pictures drawn and written within look alike."""
    with style.context(STYLE):
        yield


def panels(columns: int, rows: int = 1, height: float = 3.4, *, sharex: bool = False, sharey: bool = False) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels, row by row."""
    figure = Figure(figsize=(WIDTH, height * rows), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, list(figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey).flat)


def unit_square(axes: Axes, x: str, y: str) -> None:
    """Both axes from 0 to 1, with the diagonal."""
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y, aspect="equal")
    axes.plot([0, 1], [0, 1], color=PALE, linewidth=1, zorder=0)


def label(axes: Axes, texts: Sequence[str]) -> None:
    """What the rows of a chart are, from the top down."""
    axes.set_yticks(range(len(texts)), texts)
    axes.set_ylim(len(texts) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def legend_below(axes: Axes) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16))


def legend_above(figure: Figure, axes: Axes) -> None:
    """One for all panels, from what is in one of them."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names))


def at_right(axes: Axes, row: int, text: str) -> None:
    """Sidecar a row of a chart."""
    axes.text(1.02, row, text, va="center", fontsize=8, transform=axes.get_yaxis_transform())


def svg(figure: Figure, name: str) -> str:
    """To stand in a page: it fits its place, and its ids are its own."""
    made = io.StringIO()
    figure.savefig(made, format="svg", bbox_inches="tight", pad_inches=0.05, metadata={"Date": None, "Creator": None})
    text = made.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1), count=1)
    return re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{name}-", text)
