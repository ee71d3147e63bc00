"""Updates the tables of a data folder, with Alembic, in one transaction: a power cut leaves the old tables or the new ones.

Each migration script states `oldest`: the oldest revision whose program can serve the tables after it. A migration that only adds repeats
the `oldest` of the one before it; one that removes something states its own revision or one that no longer uses what it removes.
"""

import sqlite3

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, delete, insert

from edge.records.revision import FLOOR, MIGRATIONS, NEWEST, REACHED, Revision, revision_of

FLOOR_TABLE = Table(FLOOR, MetaData(), Column("version_num", String(32), primary_key=True))


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
        _upgrade(connection, found)
        return revision_of(_sqlite(connection))


def _upgrade(connection: Connection, found: Revision) -> None:
    from alembic import command  # noqa: PLC0415 - slow, and needed once a version
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection, "version_table": REACHED})
    config.set_main_option("script_location", str(MIGRATIONS))
    if found.reached:  # a program before revision 0002 recorded it only in the other table
        command.stamp(config, found.reached)
    command.upgrade(config, NEWEST)
    _set_floor(connection, ScriptDirectory.from_config(config).get_revision(NEWEST).module.oldest)


def _set_floor(connection: Connection, oldest: str) -> None:
    FLOOR_TABLE.create(connection, checkfirst=True)
    connection.execute(delete(FLOOR_TABLE))
    connection.execute(insert(FLOOR_TABLE).values(version_num=oldest))


def _sqlite(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
