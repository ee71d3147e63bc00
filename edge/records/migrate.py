"""Updates the tables of a data folder, with Alembic, in one transaction: a power cut leaves the old tables or the new ones.

A new database gets the newest tables at once, because Alembic takes longer to import than everything else that the records do at a start.

Each migration script states `oldest`: the oldest revision whose program can serve the tables after it. A migration that only adds repeats
the `oldest` of the one before it; one that removes something states its own revision or one that no longer uses what it removes.
"""

import re
import sqlite3

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, delete, insert

from edge.records.revision import FLOOR, MIGRATIONS, NEWEST, REACHED, Revision, revision_of
from edge.records.schema import Base

FLOOR_TABLE, REACHED_TABLE = (Table(name, MetaData(), Column("version_num", String(32), primary_key=True)) for name in (FLOOR, REACHED))
OLDEST = re.compile(r'^oldest = "(\w+)"$', re.MULTILINE)


def migrate(engine: Engine) -> Revision:
    """Does nothing where the tables are up to date, or where a newer program has already added to them.

    Returns:
        The revision of the tables, after the migration.

    Raises:
        RecordsUnusable: this program is too old for the tables.
    """
    with engine.begin() as connection:
        found = revision_of(_sqlite(connection))
        found.require_served()
        if found.is_complete:
            return found
        if found.floor:
            _upgrade(connection, found)
        else:
            _create(connection)
        return revision_of(_sqlite(connection))


def _upgrade(connection: Connection, found: Revision) -> None:
    from alembic import command  # noqa: PLC0415 - slow, and needed once a version
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection, "version_table": REACHED})
    config.set_main_option("script_location", str(MIGRATIONS))
    if found.reached:  # a program before revision 0002 recorded it only in the other table
        command.stamp(config, found.reached)
    command.upgrade(config, NEWEST)
    _state(connection, FLOOR_TABLE, _oldest())


def _create(connection: Connection) -> None:
    """The same tables as the migrations make; a test compares them."""
    Base.metadata.create_all(connection, checkfirst=False)
    _state(connection, REACHED_TABLE, NEWEST)
    _state(connection, FLOOR_TABLE, _oldest())


def _state(connection: Connection, table: Table, version: str) -> None:
    table.create(connection, checkfirst=True)
    connection.execute(delete(table))
    connection.execute(insert(table).values(version_num=version))


def _oldest() -> str:
    """The floor that the newest migration states. It is read as text: a migration imports Alembic."""
    (path,) = (MIGRATIONS / "versions").glob(f"{NEWEST}_*.py")
    (oldest,) = OLDEST.findall(path.read_text())
    return str(oldest)


def _sqlite(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
