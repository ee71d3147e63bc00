"""The digest of a database that was closed in good order: SQLite has no checksums, and by this any flip while it lay still is found."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file, sync_folder
from edge.records.database import FILE as DATABASE
from edge.records.integrity import is_still, reading, tip_of
from edge.records.revision import revision_of

FILE = "records.sum"
"""Of the data folder."""


class Sum(BaseModel):
    """`seq`, `hash`, `revision` and `reached` identify the state of the records: every change of them has an entry in the audit trail.

    `revision` is the floor of the tables, as programs before revision 0002 write and compare it; these write no `reached`.
    """

    model_config = ConfigDict(frozen=True)

    sha256: str
    seq: int
    hash: str
    revision: str
    reached: str = ""


def write_sum(folder: Path) -> None:
    """For a database that nobody has open any more; does nothing where a log lies beside it.

    Raises:
        OSError, sqlite3.DatabaseError: it cannot be read or written.
    """
    path = folder / DATABASE
    if not path.exists() or not is_still(path):
        return
    with reading(path, still=True) as connection:
        tip, revision = tip_of(connection), revision_of(connection)
    said = Sum(sha256=digest_of(path), seq=tip.seq, hash=tip.hash, revision=revision.floor, reached=revision.reached)
    replace_file(folder / FILE, said.model_dump_json().encode())


def read_sum(folder: Path) -> Sum | None:
    """What was written when the records were last closed in good order; None where they were not.

    Raises:
        OSError: it is there, but cannot be read.
    """
    path = folder / FILE
    try:
        return Sum.model_validate_json(path.read_bytes()) if path.exists() else None
    except ValidationError:
        return None


def drop_sum(folder: Path) -> None:
    """Before the records are written to, so that it never speaks of another state.

    Raises:
        OSError: it cannot be taken away.
    """
    (folder / FILE).unlink(missing_ok=True)
    sync_folder(folder)


def sum_fault(folder: Path) -> str:
    """Empty where the database is as it was when it was closed, or where nobody can say.

    Raises:
        OSError, sqlite3.DatabaseError: the database cannot be read.
    """
    path, said = folder / DATABASE, read_sum(folder)
    if said is None or not is_still(path) or digest_of(path) == said.sha256:
        return ""
    with reading(path, still=True) as connection:
        tip, revision = tip_of(connection), revision_of(connection)
    now = (tip.seq, tip.hash, revision.floor, revision.reached)
    if now != (said.seq, said.hash, said.revision, said.reached or revision.reached):  # somebody wrote, and did not close it in good order
        return ""
    return "its bytes are not those with which it was closed, and nobody wrote to it"
