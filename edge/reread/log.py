"""What was read so far, one line a clip: whatever ends a rereading, the next one goes on from here."""

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import Self

from edge.disk.journal import Journal
from edge.reread.answer import Outcome
from firmware_bridge.errors import InputRefused

FILE = "read.jsonl"


class RereadRefused(InputRefused):
    """The folder for the results is in use, or cannot be read or written."""

    code = "reread-refused"


class _Line(BaseModel):
    """`check` is over the rest, so that a line that was damaged and still parses does not pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    outcome: Outcome
    check: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was read before, by `Job.key`; `damaged` are the numbers of lines that could not be read, counted from 1."""

    outcomes: Mapping[str, Outcome]
    damaged: tuple[int, ...]


class RereadLog:
    """A folder's file of outcomes; one command at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._journal = Journal(path, most_bytes=sys.maxsize)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Holds the folder, which need not be there yet, against other commands.

        Raises:
            RereadRefused: another command holds it, or it cannot be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise RereadRefused(f"{folder} cannot be made ({error.strerror})", "Name with --out one that this user may write") from error
        try:
            _hold(descriptor, folder)
            yield cls(folder / FILE)
        finally:
            os.close(descriptor)

    def done(self) -> Done:
        """Everything that was added before, and where the file is damaged.

        Raises:
            RereadRefused: the file is there but cannot be read.
        """
        try:
            lines = self.path.read_bytes().split(b"\n") if self.path.exists() else []
        except OSError as error:
            raise RereadRefused(f"{self.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        outcomes, damaged = dict[str, Outcome](), []
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            line = _parsed(text)
            if line is None:
                damaged.append(number)
            else:
                outcomes[line.key] = line.outcome
        return Done(outcomes, tuple(damaged))

    def add(self, key: str, outcome: Outcome) -> None:
        """Adds an outcome; it has reached the disk when this returns.

        Raises:
            RereadRefused: the disk refuses it.
        """
        try:
            self._journal.append({"key": key, "outcome": asdict(outcome), "check": _check(key, outcome)})
        except OSError as error:
            raise RereadRefused(f"{self.path} cannot be written ({error.strerror})", "Make room, then say it again: it goes on") from error


def _hold(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RereadRefused(f"another reread writes to {folder}", "Wait for its end, or name another folder with --out") from error


def _parsed(text: bytes) -> _Line | None:
    try:
        line = _Line.model_validate_json(text)
    except ValidationError:
        return None
    return line if line.check == _check(line.key, line.outcome) else None


def _check(key: str, outcome: Outcome) -> str:
    return hashlib.sha256(json.dumps([key, asdict(outcome)], sort_keys=True).encode()).hexdigest()
