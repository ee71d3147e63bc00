"""The drift watch as one file in the data folder, with its date."""

from pathlib import Path

from edge.disk.computed import Computed
from edge.feedback.drift.figures import DriftFigures

METHOD = 1
"""Of the computation."""


class StoredDrift(Computed[DriftFigures]):
    """Any thread or process may use it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, DriftFigures, METHOD)
