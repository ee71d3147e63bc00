"""The figures as one file in the data folder, with their date."""

from pathlib import Path

from edge.disk.computed import Computed
from edge.feedback.performance.figures import Performance

METHOD = 2
"""Of the computation."""


class StoredPerformance(Computed[Performance]):
    """Any thread or process may use it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Performance, METHOD)
