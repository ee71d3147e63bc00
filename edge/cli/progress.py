"""The progress of long work: on stderr, only where stderr is a terminal, and removed at the end. Every command draws it with these."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from edge.feedback.progress import Progress as Exams

Result = TypeVar("Result")

NAME = TextColumn("{task.description}", markup=False)
COUNTED: tuple[ProgressColumn, ...] = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), NAME)
"""Items of which the number is known."""
FRAMES = TextColumn("{task.fields[frames]} frames")
CLIPS: tuple[ProgressColumn, ...] = (BarColumn(), MofNCompleteColumn(), FRAMES, TimeRemainingColumn(), NAME)
"""Clips, each with many frames; a task states its `frames`."""
SHARE: tuple[ProgressColumn, ...] = (NAME, BarColumn(), TimeRemainingColumn())
TIME: tuple[ProgressColumn, ...] = (SpinnerColumn(), NAME, TimeElapsedColumn())
"""Work of which nobody knows how much is done."""


def bar(*columns: ProgressColumn, per_second: float = 10) -> Progress:
    """A progress bar; use it as a context. It is drawn `per_second` times, because drawing costs time too."""
    console = Console(stderr=True)
    return Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        # Rich may redirect stdout only if it is a terminal too: lines for a file must stay unchanged.
        redirect_stdout=console.is_terminal and sys.stdout.isatty(),
        redirect_stderr=False,
        refresh_per_second=per_second,
    )


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """For work that reports how much is done, and how much there is in all, None where that is unknown."""
    with bar(*SHARE) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)


def counted_exams(steps: Iterable[Exams | Result]) -> Result:
    """The result of a computation over exams, which comes last."""
    with counting("exams") as counted:
        for each in steps:
            if not isinstance(each, Exams):
                return each
            counted(each.done, each.of)
    raise AssertionError("a computation ends with its result")


@contextmanager
def working(what: str) -> Iterator[None]:
    """For work that does not report how much is done: the time so far."""
    with bar(*TIME) as shown:
        shown.add_task(what, total=None)
        yield
