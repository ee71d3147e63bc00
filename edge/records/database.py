"""The SQLite file: opened so that every commit survives a power cut, and with clear errors where the disk fails."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from edge.records.errors import RecordsFull, RecordsUnusable

PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": "10000"}
"""FULL: each commit reaches the disk before it returns (sqlite.org/pragma.html#pragma_synchronous). A shell command may write at
the same time as the appliance; each waits for at most ten seconds."""

ENVIRONMENT = ("unable to open", "disk i/o", "is full", "readonly", "locked", "interrupted", "permission", "out of memory")
"""Words of an OperationalError that comes from the disk; the file itself may be whole."""


def engine(path: Path, *, writes: bool, before_opening: Callable[[], None] = lambda: None) -> Engine:
    """Connections to the file. A writer takes the write lock when it begins, so that two writers do not collide at the end.

    `before_opening` may refuse another connection: SQLite makes an empty file where the file is gone.
    """
    made = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "isolation_level": None})

    @event.listens_for(made, "do_connect")
    def _connecting(*_: object) -> None:
        before_opening()

    @event.listens_for(made, "connect")
    def _connected(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        try:
            for name, value in PRAGMAS.items():
                connection.execute(f"PRAGMA {name}={value}")
            if not writes:
                connection.execute("PRAGMA query_only=ON")
        except sqlite3.Error:  # the pool does not close a connection that it could not make ready
            connection.close()
            raise

    @event.listens_for(made, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turns errors of the disk and of SQLite into errors of the records.

    Raises:
        RecordsFull: the disk refuses; nothing was written.
        RecordsUnusable: the file is damaged or is no database.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as error:
        if isinstance(error, OperationalError) and any(word in str(error.orig).lower() for word in ENVIRONMENT):
            fix = "Free some room on the disk, and check that this user may write there"
            raise RecordsFull(f"{path} cannot be written or read ({error.orig})", fix) from error
        fix = "Stop the appliance and start it again: it restores the newest backup"
        raise RecordsUnusable(f"{path} is damaged ({error.orig})", fix) from error
