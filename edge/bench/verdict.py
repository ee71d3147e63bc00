"""The verdict of a benchmark: each figure that has a target passes or fails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Targets = Mapping[str, tuple[str, float]]
"""By the name of the figure, or by its name and part ("stage_ms wait"): `<=` or `>=`, and the limit."""
Figure: TypeAlias = "float | Mapping[str, Figure]"
Figures = Mapping[str, Figure]

MEETS = {"<=": lambda measured, limit: measured <= limit, ">=": lambda measured, limit: measured >= limit}
PASS, FAIL = "PASS", "FAIL"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, or one `part` of it; `target` and `verdict` are empty where there is no target."""

    name: str
    part: str
    measured: float
    target: str = ""
    verdict: str = ""

    @property
    def label(self) -> str:
        return _label(self.name, self.part)


def judge(figures: Figures, targets: Targets) -> list[Row]:
    """A row for each figure. A target fails where its figure is not a number.

    Raises:
        KeyError: a target names no figure, so that it would never fail.
    """
    rows = [_row(name, part, number, targets) for name, value in figures.items() for part, number in _parts(value)]
    for name in targets:
        if not any(name in {row.name, row.label} for row in rows):
            raise KeyError(f"{name} was not measured")
    return rows


def passes(rows: list[Row]) -> bool:
    return all(row.verdict != FAIL for row in rows)


def _parts(value: Figure) -> Iterator[tuple[str, float]]:
    if not isinstance(value, Mapping):
        yield "", value
        return
    for name, inner in value.items():
        for part, number in _parts(inner):
            yield f"{name} {part}".strip(), number


def _label(name: str, part: str) -> str:
    return f"{name} {part}".strip()


def _row(name: str, part: str, measured: float, targets: Targets) -> Row:
    target = targets.get(_label(name, part), targets.get(name))
    if target is None:
        return Row(name, part, measured)
    relation, limit = target
    return Row(name, part, measured, f"{relation} {limit:g}", PASS if MEETS[relation](measured, limit) else FAIL)
