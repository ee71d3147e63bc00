"""The digest of a database closed in good order. SQLite has no checksums; the digest finds any bit that flips while it is closed."""

import sqlite3
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file, sync_folder
from edge.disk.layout import DataFolder
from edge.records.integrity import is_still, reading, tip_of
from edge.records.revision import revision_of


class Sum(BaseModel):
    """`seq`, `hash`, `revision` and `reached` identify the state of the records: every change has an entry in the audit trail.

    `revision` is the floor of the tables, as programs before revision 0002 write and compare it; these write no `reached`.
    """

    model_config = ConfigDict(frozen=True)

    sha256: str
    seq: int
    hash: str
    revision: str
    reached: str = ""


def write_sum(folder: Path) -> None:
    """Stores the digest of a database that no program has open; does nothing where there is a write-ahead log.

    Raises:
        OSError, sqlite3.DatabaseError: it cannot be read or written.
    """
    path = DataFolder(folder).records
    if not path.exists() or not is_still(path):
        return
    with reading(path, still=True) as connection:
        tip, revision = tip_of(connection), revision_of(connection)
    stated = Sum(sha256=digest_of(path), seq=tip.seq, hash=tip.hash, revision=revision.floor, reached=revision.reached)
    replace_file(DataFolder(folder).records_sum, stated.model_dump_json().encode())


def read_sum(folder: Path) -> Sum | None:
    """The digest from when the records were last closed in good order; None where they were not.

    Raises:
        OSError: it exists but cannot be read.
    """
    path = DataFolder(folder).records_sum
    try:
        return Sum.model_validate_json(path.read_bytes()) if path.exists() else None
    except ValidationError:
        return None


def drop_sum(folder: Path) -> None:
    """Removes the digest before a write to the records, so that it never describes another state.

    Raises:
        OSError: it cannot be removed.
    """
    DataFolder(folder).records_sum.unlink(missing_ok=True)
    sync_folder(folder)


def sum_fault(folder: Path) -> str:
    """Empty where the database has not changed since it was closed, or where this is unknown.

    Raises:
        OSError: the file cannot be read.
        RecordsFull: the disk cannot read the database.
    """
    path, stated = DataFolder(folder).records, read_sum(folder)
    if stated is None or not is_still(path) or digest_of(path) == stated.sha256:
        return ""
    try:
        with reading(path, still=True) as connection:
            tip, revision = tip_of(connection), revision_of(connection)
    except (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError, TypeError, ValueError) as error:
        return f"its newest entry cannot be read ({error})"
    now = (tip.seq, tip.hash, revision.floor, revision.reached)
    if now != (
        stated.seq,
        stated.hash,
        stated.revision,
        stated.reached or revision.reached,
    ):  # changed, and not closed in good order
        return ""
    return "its bytes have changed since it was closed, although no program wrote to it"
