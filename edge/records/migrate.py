"""Brings the tables of a data folder up to date, with Alembic, in one transaction: a cut of power leaves the old ones or the new ones."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from edge.records.errors import RecordsUnusable

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0002"
"""The revision that this program's tables are of."""


def migrate(engine: Engine) -> None:
    """Does nothing where the tables are up to date.

    Raises:
        RecordsUnusable: they are of a version that this program does not know.
    """
    if (found := revision(engine)) == NEWEST:
        return
    from alembic import command  # noqa: PLC0415 - slow, and needed once a version
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise RecordsUnusable(f"the records are of version {found}, and this program knows {NEWEST}", "Install the program that wrote them")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, NEWEST)


def revision(engine: Engine) -> str | None:
    """Of the tables as they are; None where there are none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
