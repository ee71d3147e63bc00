"""Which programs can serve a database, and which revision its tables have reached.

A release on trial only adds to the tables, so the previous program still serves what the new one migrated. Two tables of one row record
this. `alembic_version` is the floor, the oldest revision whose program can serve these tables; programs before revision 0002 read only this
table. `schema_revision` is the revision that the tables have reached. A database without the second table has reached its floor.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from edge.records.errors import RecordsUnusable

MIGRATIONS = Path(__file__).parent / "migrations"
FLOOR, REACHED = "alembic_version", "schema_revision"
"""The names of the two tables."""

KNOWN = frozenset(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
"""Every revision that this program can make."""
NEWEST = max(KNOWN)
"""The revision of the tables that this program works with."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Of the tables of one database; both are empty where there are no tables yet."""

    floor: str
    """The oldest revision whose program can serve them."""
    reached: str
    """The newest migration that was applied to them."""

    @property
    def newer(self) -> bool:
        """Whether a newer program migrated them."""
        return bool(self.reached) and self.reached not in KNOWN

    @property
    def is_served(self) -> bool:
        """Whether this program can work with them, or make them."""
        return not self.floor or self.floor in KNOWN

    @property
    def is_complete(self) -> bool:
        """Whether they hold every table and column that this program works with."""
        return self.floor in KNOWN and (self.reached == NEWEST or self.newer)

    def require_served(self) -> None:
        """Raises RecordsUnusable: this program is too old for these tables."""
        if not self.is_served:
            what = f"the records need a program that knows revision {self.floor}, and this program knows no revision after {NEWEST}"
            raise RecordsUnusable(what, "Install the program that wrote them, or a newer one; nothing was changed")


NO_REVISION = Revision("", "")


def revision_of(connection: sqlite3.Connection) -> Revision:
    """Raises sqlite3.DatabaseError where the database is damaged."""
    floor = _row_of(connection, FLOOR)
    return Revision(floor, floor and (_row_of(connection, REACHED) or floor))


def _row_of(connection: sqlite3.Connection, table: str) -> str:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        return ""
    row = connection.execute(f"SELECT version_num FROM {table}").fetchone()  # noqa: S608 - one of the two names above
    return str(row[0]) if row else ""
