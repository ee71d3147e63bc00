"""Generations of accepted metadata: a new one is prepared as a stage and takes effect with one rename, so a power cut leaves one whole.

    FOLDER/gen-7/      the committed generation: the one with the highest number
    FOLDER/stage/      being prepared; ignored and removed at the next start
    FOLDER/lock        held by the process that uses the folder

tuf writes its files without fsync and replaces a link in two steps; all of that happens in the stage only.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.disk.durable import OWNER, locked, make_folder, place_folder, sync_file, sync_folder
from edge.disk.plain_file import NotPlain, read_plain
from provisioning.codes import ProvisionRefused

ROOTS = "root_history"
"""The folder in which tuf stores each version of the root."""
MOST_BYTES = 4_000_000
"""More than any accepted file of metadata has."""


class Generations:
    """The folder of a device's accepted metadata; it need not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stage = folder / "stage"

    @property
    def current(self) -> Path | None:
        """The folder of the committed generation: `ROLE.json` each, and `root_history`. None if there is none."""
        return max(self._all(), key=_number, default=None)

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """A copy of what can be read of the committed generation, to work in; it is removed at the end unless `commit` took it.

        Raises:
            ProvisionRefused: E-BUSY, another process uses the folder.
            OSError: the disk refuses it.
        """
        make_folder(self._folder)
        try:
            with locked(self._folder / "lock", os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX | fcntl.LOCK_NB, OWNER):
                try:
                    self._begin()
                    yield self._stage
                finally:
                    shutil.rmtree(self._stage, ignore_errors=True)
        except BlockingIOError as error:
            raise ProvisionRefused("E-BUSY", f"another command uses {self._folder}") from error

    def commit(self) -> None:
        """Makes the stage the committed generation, if it differs; once this returns it survives a power cut.

        Raises:
            OSError: the disk refuses it; the previous generation is still there.
        """
        previous = self._all()
        if files(self._stage) == files(self.current):
            return
        for path in self._stage.rglob("*.json"):
            sync_file(path)
        sync_folder(self._stage / ROOTS)
        place_folder(self._stage, self._folder / f"gen-{max(map(_number, previous), default=0) + 1}")
        for each in previous:
            shutil.rmtree(each, ignore_errors=True)

    def _begin(self) -> None:
        shutil.rmtree(self._stage, ignore_errors=True)
        (self._stage / ROOTS).mkdir(parents=True)
        for name, content in files(self.current).items():
            (self._stage / name).write_bytes(content)

    def _all(self) -> list[Path]:
        return [path for path in self._folder.glob("gen-*") if path.name[4:].isdecimal() and path.is_dir()]


def files(generation: Path | None) -> dict[str, bytes]:
    """The readable files of a generation by their names in it; tuf makes `root.json`, a link, again from the root's history."""
    found = {}
    for path in [] if generation is None else [*generation.glob("*.json"), *generation.glob(f"{ROOTS}/*.json")]:
        try:
            found[str(path.relative_to(generation or path))] = read_plain(path, MOST_BYTES)
        except (NotPlain, OSError):
            continue  # damaged: as if it were lost
    return found


def _number(generation: Path) -> int:
    return int(generation.name.removeprefix("gen-"))
