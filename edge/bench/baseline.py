"""The baseline of a benchmark: the ratios that it reached before, in a file, so that nobody makes the program slower without noticing."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from edge.bench.whole import BenchFailed

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Measured = TypeVar("Measured", bound="DataclassInstance")

MOST_FALL = 0.15
"""A ratio may be lower than its baseline by this share: two runs on one machine differ by half of it."""
TRIES = 2
"""Only a ratio that is too low in every try has fallen: other programs can slow one try."""

_BENCHES = TypeAdapter(dict[str, dict[str, float]])


def load(path: Path, bench: str) -> Mapping[str, float]:
    """The ratios of a benchmark by the name of the figure; a larger one is better.

    Raises:
        BenchFailed: the file cannot be read, is not a baseline, or has no ratio of this benchmark.
    """
    try:
        ratios = _BENCHES.validate_json(path.read_bytes()).get(bench)
    except OSError as error:
        raise BenchFailed(f"{path} cannot be read ({error.strerror})", "Name the baseline file of the source code") from error
    except ValidationError as error:
        raise BenchFailed(f"{path} is not a baseline ({error.errors()[0]['msg']})", "Take the file from the source code again") from error
    if not ratios:
        raise BenchFailed(f"{path} has no ratio of the benchmark {bench!r}", "Add one, or leave out --baseline")
    return ratios


def fallen(measured: "DataclassInstance", ratios: Mapping[str, float]) -> dict[str, str]:
    """A sentence for each ratio that is too low, by its name; what is not a number is too low.

    Raises:
        BenchFailed: a ratio of the baseline is not a figure of this benchmark.
    """
    figures = asdict(measured)
    if absent := ratios.keys() - figures.keys():
        raise BenchFailed(f"The baseline names {', '.join(sorted(absent))}, which this benchmark does not measure", "Correct the baseline")
    return {
        name: f"{name} is {figures[name]:.3f}, more than {MOST_FALL:.0%} below the baseline of {ratio:.3f}"
        for name, ratio in ratios.items()
        if not figures[name] >= ratio * (1 - MOST_FALL)
    }


def measure(once: Callable[[], Measured], ratios: Mapping[str, float]) -> tuple[Measured, tuple[str, ...]]:
    """The figures of the last try, and a sentence for each ratio that was too low in every try."""
    measured = once()
    low = fallen(measured, ratios)
    for _ in range(TRIES - 1):
        if low:
            measured = once()
            low = {name: text for name, text in fallen(measured, ratios).items() if name in low}
    return measured, tuple(low.values())
