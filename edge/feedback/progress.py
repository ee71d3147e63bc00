"""How far a computation is."""

from dataclasses import dataclass

EVERY = 200
"""Exams between two reports of the progress."""


@dataclass(frozen=True, slots=True)
class Progress:
    """So many exams are read, `of` all."""

    done: int
    of: int
