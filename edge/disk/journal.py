"""Journal: one JSON object a line, appended for as long as the appliance lives, in a bounded piece of the disk."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from edge.disk.durable import sync_folder

MOST_BYTES = 8_000_000
"""Of both files together."""


class Journal:
    """Appends to `path`; when that is half of the bound it becomes `.before`, and what that held is let go. Belongs to one thread."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self.before = path.with_suffix(f".before{path.suffix}")
        self._most_bytes = most_bytes

    def append(self, said: Mapping[str, object]) -> None:
        """Writes one line; once this returns it survives a cut of power.

        Raises:
            OSError: the folder or the disk refuses it.
        """
        line = json.dumps(said).encode() + b"\n"
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
        elif self.path.stat().st_size + len(line) > self._most_bytes // 2:
            self.path.replace(self.before)
        with self.path.open("ab+") as file:
            file.write(self._end_of_torn(file.tell()) + line)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.path.parent)

    def _end_of_torn(self, size: int) -> bytes:
        """What ends a line that a cut of power has torn."""
        if not size:
            return b""
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return b"" if file.read() == b"\n" else b"\n"
