"""Journal: a file of JSON objects, one on each line. It only grows, survives power cuts, and may be bounded."""

import fcntl
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import structlog

from edge.disk.durable import locked, make_folder, sync_folder

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lines(Generic[T]):
    """The readable lines, oldest first, and the numbers of the unreadable ones, counted from 1. Blank lines are ignored."""

    good: tuple[T, ...]
    damaged: tuple[int, ...]


class Journal:
    """The file at `path`, which need not exist yet. Threads and processes may share it.

    With `most_bytes` the file becomes `previous` when it holds half of that, and the one that was `previous` is removed; the log states it.
    """

    def __init__(self, path: Path, most_bytes: int | None = None) -> None:
        self.path = path
        self.previous = path.with_suffix(f".before{path.suffix}")
        self._most_bytes = most_bytes

    def append(self, record: Mapping[str, object]) -> None:
        """Writes one line; once this returns it survives a power cut.

        If a power cut left the last line torn, that line is ended first: it stays in its place and damages no other line.

        Raises:
            OSError: the folder or the disk refuses it; the file then stays unchanged.
        """
        line = json.dumps(record).encode() + b"\n"
        make_folder(self.path.parent)
        while not self._written(line):
            pass

    def read(self, parse: Callable[[bytes], T]) -> Lines[T]:
        """Every line, through `parse`, which raises ValueError or RecursionError for a damaged one.

        Raises:
            OSError: the file exists but cannot be read.
        """
        good, damaged = [], []
        for number, line in enumerate(self._lines(), 1):
            try:
                good += [parse(line)] if line.strip() else []
            except (ValueError, RecursionError):
                damaged.append(number)
        return Lines(tuple(good), tuple(damaged))

    def _written(self, line: bytes) -> bool:
        """False where the file was full: it has become the previous one, and a new one takes the line."""
        with locked(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as descriptor:
            size = os.fstat(descriptor).st_size
            if size and self._most_bytes is not None and size + len(line) > self._most_bytes // 2:
                self._rotate()
                return False
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            try:
                _write(descriptor, b"\n" + line if torn else line)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(descriptor, size)  # the part of a refused line that the disk had written
                raise
        sync_folder(self.path.parent)
        return True

    def _rotate(self) -> None:
        if self.previous.exists():
            log.info("the oldest lines of a journal were removed", path=str(self.previous), bytes=self.previous.stat().st_size)
        self.path.replace(self.previous)

    def _lines(self) -> list[bytes]:
        """Under a lock: no line is half written, and no file is moved meanwhile."""
        try:
            with locked(self.path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
                return [*self._previous_lines(), *_split(file)]
        except FileNotFoundError:
            return self._previous_lines()

    def _previous_lines(self) -> list[bytes]:
        if not self.previous.exists():
            return []
        with self.previous.open("rb") as file:
            return _split(file)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _split(file: BinaryIO) -> list[bytes]:
    *whole, last = file.read().split(b"\n")
    return [*whole, last] if last else whole
