"""How far a computation is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

EVERY = 200
"""Exams between two reports of the progress."""

Exam = TypeVar("Exam")


@dataclass(frozen=True, slots=True)
class Progress:
    """So many exams are read, `of` all."""

    done: int
    of: int


def added(exams: Iterable[Exam], of: int, add: Callable[[Exam], None]) -> Iterator[Progress]:
    """Adds the exams one after another, and reports it."""
    yield Progress(0, of)
    for done, exam in enumerate(exams, 1):
        add(exam)
        if done % EVERY == 0:
            yield Progress(done, of)
