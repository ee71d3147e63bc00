"""The choice of the release that reads: the named one, else the active one, else a built-in one.

Of the built-in releases it is the most accurate on sources that it never saw, if it is fast enough for this board, as measured.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import structlog

from edge.inference.admission import admit
from edge.inference.elsewhere import UNKNOWN, load_elsewhere
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import MANIFEST
from edge.inference.release_files import Manifest, parse
from edge.inference.shelf import Shelf, family

LIVE_FPS = 30
INVOKE_SHARE = 0.6
"""The share of the time between two live frames; the rest is for preparing, drawing and sending them, and for a board that gets warm."""
BUDGET_MS = 1000 / LIVE_FPS * INVOKE_SHARE
TRIALS = 9

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Measured:
    """`invoke_ms` is the quickest of `TRIALS`: other programs at the start must not decide which release reads."""

    ident: str
    invoke_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """An admitted reader. `why` states the reason as a sentence without the full stop; `measured` lists the trials, the best one first.

    `problem` states why the active release does not read.
    """

    reader: Reader
    why: str
    measured: tuple[Measured, ...] = ()
    problem: ModelUnusable | None = None


def decide(model: Path | None, shelf: Shelf, threads: int) -> Decision:
    """Admits the release that reads. If the active release is unusable, a built-in one reads, and an error is logged.

    Raises:
        ModelUnusable: the named release, or every built-in one, is unusable.
        RuntimeAbsent: no inference runtime is installed.
    """
    decision = _decided(model, shelf, threads)
    return replace(decision, reader=shelf.at_site(decision.reader))


def _decided(model: Path | None, shelf: Shelf, threads: int) -> Decision:
    if model is not None:
        return Decision(admit(shelf.trusted(model), threads), "the settings name it")
    try:
        active = shelf.active()
        if active is not None:
            return Decision(admit(shelf.to_read(active), threads), "it was activated")
    except ModelUnusable as error:
        log.error("the active model is unusable, a built-in one reads", problem=error.what, fix=error.fix)  # noqa: TRY400 - for people
        return replace(choose(family(shelf.built_in), threads), problem=error)
    return choose(family(shelf.built_in), threads)


def resolve(model: Path | None, shelf: Shelf, threads: int) -> Path:
    """The folder of the release that reads, as `decide` finds it.

    Raises:
        ModelUnusable: a built-in release is needed, and all are unusable.
        RuntimeAbsent: no inference runtime is installed.
    """
    return model if model is not None else decide(model, shelf, threads).reader.release.folder


def choose(releases: Sequence[Path], threads: int, budget_ms: float = BUDGET_MS) -> Decision:
    """The most accurate release of a family whose invoke fits the budget; else the fastest, with a warning in the log.

    Accuracy is that on sources that a release never saw, false alarms included (`edge.inference.elsewhere`): folds of one machine do not
    show what another machine gets. Of two that are equal there, the larger is taken.

    Raises:
        ModelUnusable: all of them are unusable.
        RuntimeAbsent: no inference runtime is installed.
    """
    tried: list[tuple[Measured, Reader]] = []
    for folder in sorted(releases, key=_merit, reverse=True):
        try:
            reader = admit(folder, threads)
        except ModelUnusable as error:
            log.error("a built-in model release is unusable", problem=error.what, fix=error.fix)  # noqa: TRY400 - for people
            continue
        tried.append((Measured(reader.release.ident, min(invoke_ms(reader, TRIALS))), reader))
        if tried[-1][0].invoke_ms <= budget_ms:
            break
    if not tried:
        raise ModelUnusable("no built-in model release is usable", "Install the program again")
    fastest, reader = min(tried, key=lambda each: each[0].invoke_ms)
    measured = tuple(each for each, _ in tried)
    if fastest.invoke_ms <= budget_ms:
        return Decision(reader, f"it is the most accurate that reads a frame within {budget_ms:.0f} ms on this board", measured)
    log.warning("no model release is fast enough for this board: frames will be dropped", budget_ms=budget_ms, took_ms=fastest.invoke_ms)
    return Decision(reader, f"it is the fastest; none reads a frame within {budget_ms:.0f} ms on this board", measured)


def invoke_ms(reader: Reader, trials: int) -> list[float]:
    """The milliseconds of each of this many invokes of a warm reader on a blank frame."""
    tensor = np.zeros(reader.interpreter.input.shape, np.int8)

    def once() -> float:
        begun = time.perf_counter_ns()
        reader.interpreter.invoke(tensor)
        return (time.perf_counter_ns() - begun) / 1e6

    return [once() for _ in range(trials)]


def _merit(folder: Path) -> tuple[float, int]:
    """Accuracy on new sources, and size of the network in bytes; the least of both if they cannot be read, which admission reports."""
    try:
        manifest = parse(folder / MANIFEST, Manifest)
        elsewhere = load_elsewhere(folder, manifest.files, manifest.files[manifest.model])
        return elsewhere.accuracy if elsewhere else UNKNOWN, (folder / manifest.model).stat().st_size
    except (ModelUnusable, OSError):
        return UNKNOWN, 0
