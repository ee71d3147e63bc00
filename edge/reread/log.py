"""The results so far, one line per clip: after any interruption, the next reread continues from here."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator
from typing_extensions import Self

from edge.disk.durable import make_folder
from edge.disk.journal import Journal
from edge.reread.answer import Outcome
from firmware_bridge.errors import InputRefused

FILE = "read.jsonl"


class RereadRefused(InputRefused):
    """The results folder is in use, or cannot be read or written."""

    code = "reread-refused"


class _Line(BaseModel):
    """`check` is the digest of the rest, so that a damaged line that still parses is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    outcome: Outcome
    check: str

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.check != _check(self.key, self.outcome):
            raise ValueError("the line does not match its digest")
        return self


@dataclass(frozen=True, slots=True)
class Done:
    """The earlier results, by `Job.key`, and the numbers of the unreadable lines, counted from 1."""

    outcomes: Mapping[str, Outcome]
    damaged: tuple[int, ...]


class RereadLog:
    """The file of outcomes in a folder; only one command at a time can use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._journal = Journal(path)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Locks the folder against other commands; creates it if necessary.

        Raises:
            RereadRefused: another command uses it, or it cannot be created.
        """
        try:
            make_folder(folder)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise RereadRefused(
                f"{folder} cannot be made ({error.strerror})", "Give a folder with --out that this user can write"
            ) from error
        try:
            _hold(descriptor, folder)
            yield cls(folder / FILE)
        finally:
            os.close(descriptor)

    def done(self) -> Done:
        """All earlier outcomes, and the damaged lines of the file.

        Raises:
            RereadRefused: the file exists but cannot be read.
        """
        try:
            lines = self._journal.read(_Line.model_validate_json)
        except OSError as error:
            raise RereadRefused(f"{self.path} cannot be read ({error.strerror})", "Give this user the right to read it") from error
        return Done({line.key: line.outcome for line in lines.good}, lines.damaged)

    def add(self, key: str, outcome: Outcome) -> None:
        """Adds an outcome; it is on the disk when this returns.

        Raises:
            RereadRefused: the file cannot be written.
        """
        try:
            self._journal.append({"key": key, "outcome": asdict(outcome), "check": _check(key, outcome)})
        except OSError as error:
            raise RereadRefused(
                f"{self.path} cannot be written ({error.strerror})", "Free some space, then run the command again: it continues"
            ) from error


def _hold(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RereadRefused(f"another reread writes to {folder}", "Wait until it ends, or give another folder with --out") from error


def _check(key: str, outcome: Outcome) -> str:
    """The digest of a line, without what a program that did not ask for the machine left out, so that its lines stay whole."""
    content = asdict(outcome)
    for each in (content, content["old"], content["new"]):
        for name in ("machine", "machine_validated"):
            if each.get(name) in {"", None}:
                each.pop(name, None)
    return hashlib.sha256(json.dumps([key, content], sort_keys=True).encode()).hexdigest()
