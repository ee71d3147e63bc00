"""The entries of the built-in releases, which come with the program; `models.lung.change` writes them from the files of each release."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.feedback.ledger.entry import Change, Entry, Kind, Parts
from edge.feedback.ledger.errors import BuiltInUnusable
from edge.inference.release import BUILT_IN
from edge.inference.release_files import Digest, Text

CHANGES = BUILT_IN.parent / "changes"
THE_PROGRAM = "the program"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    release: Text
    release_sha256: Digest
    model_sha256: Digest
    description: str
    protocol: str
    impact: str


@cache
def built_in(folder: Path = CHANGES) -> tuple[Entry, ...]:
    """Every entry, by release.

    Raises:
        BuiltInUnusable: a file cannot be read, or is not an entry.
    """
    return tuple(_entry(path) for path in sorted(folder.glob("*.json")))


def _entry(path: Path) -> Entry:
    try:
        found = _File.model_validate_json(path.read_bytes())
        parts = Parts(description=found.description, protocol=found.protocol, impact=found.impact)
    except (OSError, ValidationError) as error:
        raise BuiltInUnusable(f"{path} is not an entry of the ledger", "Install the program again") from error
    change = Change(
        kind=Kind.BUILT_IN, release=found.release, release_sha256=found.release_sha256, model_sha256=found.model_sha256, parts=parts
    )
    return Entry(f"{Kind.BUILT_IN.value}-{found.release}", found.release, found.release_sha256, THE_PROGRAM, None, None, change)
