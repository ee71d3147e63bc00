"""Whether a database is whole: SQLite's own checks, the audit chain and its signed tip, and that every table is one of ours."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import dialect

from edge.records.audit import chain
from edge.records.audit.entry import BEGINNING, digest
from edge.records.audit.seal import holds
from edge.records.columns import EPOCH
from edge.records.database import ENVIRONMENT
from edge.records.errors import RecordsFull
from edge.records.revision import NO_REVISION, Revision, revision_of
from edge.records.schema import Base
from edge.records.store import sealed

SHOWN = 5
"""How many faults are shown: the first ones are enough."""

HEADER = b"SQLite format 3\0"
FRACTIONS = bytes((64, 32, 32))
"""Bytes 21-23 of every database (sqlite.org/fileformat2.html#the_database_header); 18 and 19 are 1, or 2 in WAL mode."""


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest entry of the audit chain, as the database names it."""

    seq: int
    hash: str
    at: datetime
    signature: str


NO_TIP = Tip(0, BEGINNING, EPOCH, "")


@contextmanager
def reading(path: Path, *, still: bool = False) -> Iterator[sqlite3.Connection]:
    """A read-only connection; `still` states that no program writes, and that the database has no log file next to it.

    Raises:
        RecordsFull: the disk cannot read it.
        sqlite3.DatabaseError: it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro{'&immutable=1' * still}", uri=True)) as connection:
            yield connection
    except sqlite3.OperationalError as error:
        if any(word in str(error).lower() for word in ENVIRONMENT):
            raise RecordsFull(f"{path} cannot be read ({error})", "Check the disk, and that this user may read and write there") from error
        raise


def is_still(path: Path) -> bool:
    """Whether a database that nobody uses is complete in its one file: a reader must then not create a log file next to it."""
    return not path.with_name(path.name + "-wal").exists()


def faults(path: Path, public: str | None, *, whole: bool, still: bool = False) -> tuple[str, ...]:
    """The faults of a database, in sentences; empty where it is whole.

    `whole` also checks that each index agrees with its table, that every reference finds its row, the tip of the audit trail, and every
    entry of the trail. Where the key `public` is given, it must have signed the tip.

    Raises:
        RecordsFull: the disk cannot read it.
    """

    def ask(connection: sqlite3.Connection) -> Iterator[str]:
        yield from _sqlite_faults(connection, "integrity_check" if whole else "quick_check")
        yield from _table_faults(connection)
        if whole:
            yield from (*_reference_faults(connection), *_tip_faults(connection, public), *_chain_faults(connection))

    return _asked(path, ask, still=still)


def tip_faults(path: Path, public: str, *, still: bool) -> tuple[str, ...]:
    """The faults of the newest entry of the audit trail and of its signature.

    Raises:
        RecordsFull: the disk cannot read it.
    """
    return _asked(path, lambda connection: _tip_faults(connection, public), still=still)


def _asked(path: Path, ask: Callable[[sqlite3.Connection], Iterator[str]], *, still: bool) -> tuple[str, ...]:
    """The first faults; a database that answers no query has a fault too."""
    try:
        if header := _header_fault(path):
            return (header,)
        with reading(path, still=still) as connection:
            return tuple(islice(ask(connection), SHOWN))
    except OSError as error:
        raise RecordsFull(f"{path} cannot be read ({error.strerror})", "Check the disk, and that this user may read it") from error
    except (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError, TypeError, ValueError) as error:
        return (str(error),)


def tip_of(connection: sqlite3.Connection) -> Tip:
    """Raises sqlite3.DatabaseError, TypeError, OverflowError where the database is damaged."""
    row = connection.execute("SELECT seq, hash, at, signature FROM audit_tip").fetchone()
    return Tip(int(row[0]), str(row[1]), EPOCH + timedelta(microseconds=row[2]), str(row[3])) if row else NO_TIP


def revision_in(path: Path) -> Revision:
    """The revision of a database that nobody else uses; empty where nothing was ever written, or where there is no database.

    Raises:
        RecordsFull: the disk cannot read it.
        sqlite3.DatabaseError: it is damaged.
    """
    if not path.exists():
        return NO_REVISION
    with reading(path, still=is_still(path)) as connection:
        return revision_of(connection)


def _header_fault(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(100)
    if not head:
        return ""  # a database in which nothing was ever written
    fits = head.startswith(HEADER) and head[18:20] in (b"\1\1", b"\2\2") and head[21:24] == FRACTIONS
    return "" if fits else "its first bytes are not those of a database"


def _sqlite_faults(connection: sqlite3.Connection, check: str) -> list[str]:
    answers = [str(row[0]) for row in connection.execute(f"PRAGMA {check}({SHOWN})")]
    return [] if answers == ["ok"] else answers


def _table_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """SQLite accepts any text as a table's definition. Where all tables of this program are there, one query reads each column once."""
    revision = revision_of(connection)
    for name in {revision.floor, revision.reached} - {""}:
        if not (name.isascii() and name.isalnum()):
            yield f"its tables have revision {name!r}, which never existed"
    if revision.is_complete:
        for ask in _one_of_each():
            connection.execute(ask)


@cache
def _one_of_each() -> tuple[str, ...]:
    """One query for each table: every column of one row."""
    asked = [select(table).limit(1) for table in Base.metadata.sorted_tables]
    return tuple(str(each.compile(dialect=dialect(), compile_kwargs={"literal_binds": True})) for each in asked)


def _tip_faults(connection: sqlite3.Connection, public: str | None) -> Iterator[str]:
    if not revision_of(connection).floor:
        return
    tip = tip_of(connection)
    newest = connection.execute("SELECT seq, body, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    if (tip.seq, tip.hash) != ((newest[0], newest[2]) if newest else (0, BEGINNING)):
        yield "its audit trail does not end with the entry in its signed tip"
    elif newest and digest(newest[1]) != newest[2]:
        yield f"entry {newest[0]} of its audit trail was changed"
    elif newest and public is not None and not holds(public, sealed(tip.seq, tip.hash), tip.signature):
        yield "the tip of its audit trail is not signed by this appliance"


def _reference_faults(connection: sqlite3.Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(SHOWN):
        yield f"row {row} of {table} refers to a {parent} that is not there"


def _chain_faults(connection: sqlite3.Connection) -> Iterator[str]:
    if not revision_of(connection).floor:
        return
    tip = tip_of(connection)
    rows = connection.execute("SELECT seq, CAST(body AS BLOB), CAST(hash AS BLOB) FROM audit ORDER BY seq")
    signed = chain.Tip(tip.seq, tip.hash, tip.at, signed=True)  # the signature was checked before
    verdict = chain.verify((chain.Row(*row) for row in rows), signed if tip.seq else None)
    if verdict.fault is not None:
        yield chain.describe(verdict.fault)


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
