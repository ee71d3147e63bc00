"""The figures as one file in the data folder, with their date. A file that is missing or damaged counts as not computed."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from edge.disk.durable import make_folder, replace_file
from edge.disk.plain_file import read_plain
from edge.feedback.performance.figures import Performance
from firmware_bridge.errors import DiskRefuses

METHOD = 1
"""Of the computation; a file of another one is not used."""
MOST_BYTES = 16_000_000


class FiguresNotStored(DiskRefuses):
    """The disk refuses the figures."""

    code = "figures-not-stored"


class _File(BaseModel):
    method: int
    performance: Performance


class StoredPerformance:
    """Any thread or process may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self) -> Performance | None:
        """The figures; None where none are computed by this method."""
        try:
            file = _File.model_validate_json(read_plain(self._path, MOST_BYTES))
        except (OSError, ValueError, ValidationError):
            return None
        return file.performance if file.method == METHOD else None

    def put(self, performance: Performance) -> None:
        """Stores the figures; once this returns they survive a power cut.

        Raises:
            FiguresNotStored: the disk refuses it.
        """
        try:
            make_folder(self._path.parent)
            replace_file(self._path, _File(method=METHOD, performance=performance).model_dump_json().encode())
        except OSError as error:
            what = f"The figures cannot be written to {self._path} ({error.strerror})"
            raise FiguresNotStored(what, "Free some room on the disk, and check that this user may write there") from error
