"""Records that can be read on a disk that takes no writes: a copy in memory, because SQLite itself must write before it can read."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from edge.disk.layout import DataFolder
from edge.disk.room import free_bytes
from edge.records.audit.seal import Seal
from edge.records.clock import Now, wall
from edge.records.errors import RecordsFull
from edge.records.store import Store, Transaction

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory; the copy is in a new folder that only this user can open
MARGIN_BYTES = 64_000_000

log = structlog.get_logger()


class CopiedRecords(Store):
    """The records as the disk holds them. Nothing can be recorded, except sessions: these are lost with the copy."""

    def __init__(self, folder: Path, why: RecordsFull, now: Now = wall) -> None:
        """`why` is raised by every change.

        Raises:
            RecordsFull: there is no room in memory either; it is `why`.
            RecordsUnusable: the records or their key are damaged.
        """
        data = DataFolder(folder)
        with ExitStack() as undo:
            try:
                copy = DataFolder(Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="sonoedge-", dir=MEMORY))))
                _copy(data, copy)
            except OSError as error:
                log.warning("no copy of the records in memory", problem=str(error))
                raise why from error
            super().__init__(copy.records, Seal.of(folder if data.audit_key.exists() else copy.root), now)
            self.bring_up_to_date()
            self._memory = undo.pop_all()
        self.path = data.records
        self._why = why

    @property
    def refusal(self) -> RecordsFull:
        return self._why

    @contextmanager
    def write(self, *, taking_over: bool = False, passing: bool = False) -> Iterator[Transaction]:
        """Only a `passing` change, such as a session, which the log states because no audit trail will.

        Raises:
            RecordsFull: any other change.
        """
        if not passing:
            raise self._why
        with super().write(taking_over=taking_over, passing=passing) as change:
            yield change
        log.warning("not recorded: the disk takes no writes", acts=change.acts)

    def close(self) -> None:
        super().close()
        self._memory.close()


def _copy(data: DataFolder, copy: DataFolder) -> None:
    """Raises OSError: the disk cannot be read, or the memory has too little room."""
    pairs = [(old, new) for old, new in ((data.records, copy.records), (data.records_log, copy.records_log)) if old.exists()]
    needed = 2 * sum(old.stat().st_size for old, _ in pairs) + MARGIN_BYTES
    if (free := free_bytes(copy.root)) < needed:
        raise OSError(f"{free // 10**6} MB are free in memory, and {needed // 10**6} are needed")
    for old, new in pairs:
        shutil.copyfile(old, new)
