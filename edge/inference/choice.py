"""Which release reads: the one that was named, else the active one, else a built-in one.

Of those the most accurate that this board reads fast enough, as measured.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import structlog

from edge.inference.admission import admit
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import MANIFEST
from edge.inference.release_files import Manifest, parse
from edge.inference.shelf import Shelf, family

LIVE_FPS = 30
INVOKE_SHARE = 0.6
"""Of the time between two live frames; the rest is for preparing, drawing and sending them, and for a board that grows warm."""
BUDGET_MS = 1000 / LIVE_FPS * INVOKE_SHARE
TRIALS = 9

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Measured:
    """`invoke_ms` is of the quickest of `TRIALS`: what else runs at the start shall not decide which release reads."""

    ident: str
    invoke_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """An admitted reader; `why` it reads is a sentence without the full stop, `measured` what was tried for it, the largest first.

    `problem` is why the active release does not read.
    """

    reader: Reader
    why: str
    measured: tuple[Measured, ...] = ()
    problem: ModelUnusable | None = None


def decide(model: Path | None, shelf: Shelf, threads: int) -> Decision:
    """Admits the release that shall read. Where the active one cannot, a built-in one does, and an error is logged.

    Raises:
        ModelUnusable: the named release, or every built-in one, cannot be used.
        RuntimeAbsent: no inference runtime is installed.
    """
    if model is not None:
        return Decision(admit(model, threads), "the settings name it")
    try:
        active = shelf.active()
        if active is not None:
            return Decision(admit(shelf.find(active), threads), "it was activated")
    except ModelUnusable as error:
        log.error("the active model release cannot be used, a built-in one reads", problem=error.what, fix=error.fix)  # noqa: TRY400 - for people
        return replace(choose(family(shelf.built_in), threads), problem=error)
    return choose(family(shelf.built_in), threads)


def resolve(model: Path | None, shelf: Shelf, threads: int) -> Path:
    """The folder of the release that shall read, as `decide` finds it.

    Raises:
        ModelUnusable: every built-in release is needed and none can be used.
        RuntimeAbsent: no inference runtime is installed.
    """
    return model if model is not None else decide(model, shelf, threads).reader.release.folder


def choose(releases: Sequence[Path], threads: int, budget_ms: float = BUDGET_MS) -> Decision:
    """The most accurate release of a family whose invoke fits the budget, else the fastest, of which a warning is logged.

    Within a family, which is of one recipe and one dataset, the larger network is the more accurate.

    Raises:
        ModelUnusable: none of them can be used.
        RuntimeAbsent: no inference runtime is installed.
    """
    tried: list[tuple[Measured, Reader]] = []
    for folder in sorted(releases, key=_model_bytes, reverse=True):
        try:
            reader = admit(folder, threads)
        except ModelUnusable as error:
            log.error("a built-in model release cannot be used", problem=error.what, fix=error.fix)  # noqa: TRY400 - for people
            continue
        tried.append((Measured(reader.release.ident, min(invoke_ms(reader, TRIALS))), reader))
        if tried[-1][0].invoke_ms <= budget_ms:
            break
    if not tried:
        raise ModelUnusable("no built-in model release can be used", "Install the program again")
    fastest, reader = min(tried, key=lambda each: each[0].invoke_ms)
    measured = tuple(each for each, _ in tried)
    if fastest.invoke_ms <= budget_ms:
        return Decision(reader, f"the most accurate that this board reads within {budget_ms:.0f} ms a frame", measured)
    log.warning("no model release is fast enough for this board: frames will be dropped", budget_ms=budget_ms, took_ms=fastest.invoke_ms)
    return Decision(reader, f"the fastest, though none reads within {budget_ms:.0f} ms a frame", measured)


def invoke_ms(reader: Reader, trials: int) -> list[float]:
    """Milliseconds of each of so many invokes of a warm reader on a blank frame."""
    tensor = np.zeros(reader.interpreter.input.shape, np.int8)

    def once() -> float:
        begun = time.perf_counter_ns()
        reader.interpreter.invoke(tensor)
        return (time.perf_counter_ns() - begun) / 1e6

    return [once() for _ in range(trials)]


def _model_bytes(folder: Path) -> int:
    """Of the network alone; 0 where that cannot be told, which admission tells of."""
    try:
        return (folder / parse(folder / MANIFEST, Manifest).model).stat().st_size
    except (ModelUnusable, OSError):
        return 0
