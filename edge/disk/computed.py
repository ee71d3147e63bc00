"""A result as one file in the data folder. It can be computed again, so a file that is missing or damaged counts as not computed."""

from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from edge.disk.durable import make_folder, replace_file
from edge.disk.plain_file import read_plain
from firmware_bridge.errors import DiskRefuses

MOST_BYTES = 16_000_000

Model = TypeVar("Model", bound=BaseModel)


class ResultNotStored(DiskRefuses):
    """The disk refuses the result."""

    code = "result-not-stored"


class _File(BaseModel):
    method: int
    result: object


class Computed(Generic[Model]):
    """Any thread or process may use it."""

    def __init__(self, path: Path, of: type[Model], method: int) -> None:
        """`method` is the number of the computation: a file of another one is not used."""
        self._path, self._of, self._method = path, of, method

    def get(self) -> Model | None:
        """The result; None where there is none by this method."""
        try:
            file = _File.model_validate_json(read_plain(self._path, MOST_BYTES))
            return self._of.model_validate(file.result) if file.method == self._method else None
        except (OSError, ValueError, ValidationError):
            return None

    def put(self, result: Model) -> None:
        """Stores the result; once this returns it survives a power cut.

        Raises:
            ResultNotStored: the disk refuses it.
        """
        try:
            make_folder(self._path.parent)
            replace_file(self._path, _File(method=self._method, result=result.model_dump(mode="json")).model_dump_json().encode())
        except OSError as error:
            what = f"The figures cannot be written to {self._path} ({error.strerror})"
            raise ResultNotStored(what, "Free some room on the disk, and check that this user may write there") from error
