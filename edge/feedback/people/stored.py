"""The cards as one file in the data folder, with their date."""

from pathlib import Path

from edge.disk.computed import Computed
from edge.feedback.people.figures import Cards

METHOD = 2
"""Of the computation."""


class StoredCards(Computed[Cards]):
    """Any thread or process may use it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Cards, METHOD)
