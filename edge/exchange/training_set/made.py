"""What an export made, for those who only state it."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.exchange.training_set.described import Described

CHECK = "-check"
"""The end of the name of the folder with the pictures before and after, next to that of the set."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A complete set before it has its name; `exams` are the ids of those that it has clips of, and `manifest_sha256` stands for it."""

    described: Described
    exams: tuple[str, ...]
    manifest_sha256: str
