"""What a program that does not know a change of the tables loses by it: from the schemas before and after, whatever statements made it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from edge.records.revision import MIGRATIONS, REACHED


def upgraded(path: Path, revision: str, script_location: Path = MIGRATIONS) -> Path:
    """A new database, or an earlier one of these, migrated to a revision."""
    made = create_engine(f"sqlite:///{path}")
    try:
        with made.begin() as connection:
            config = Config(attributes={"connection": connection, "version_table": REACHED})
            config.set_main_option("script_location", str(script_location))
            command.upgrade(config, revision)
    finally:
        made.dispose()
    return path


def taken_away(before: Path, after: Path) -> list[str]:
    """What a program that knows the tables of `before` can no longer do with those of `after`; empty where they were only added to."""
    old, new = _tables(before), _tables(after)
    found = [f"table {name} is gone" for name in old.keys() - new.keys()]
    for name in sorted(old.keys() & new.keys()):
        found += [f"{name}: {fault}" for fault in (*_column_faults(old[name], new[name]), *_rule_faults(old[name], new[name]))]
    return [*found, *(f"trigger {name} is new" for name in _triggers(after) - _triggers(before))]


def _column_faults(old, new):
    for name in old["columns"].keys() - new["columns"].keys():
        yield f"column {name} is gone"
    for name in new["columns"].keys() & old["columns"].keys():
        if new["columns"][name] != old["columns"][name]:
            yield f"column {name} was {old['columns'][name]} and is {new['columns'][name]}"
    for name in new["columns"].keys() - old["columns"].keys():
        _, nullable, default = new["columns"][name]
        if not nullable and default is None:
            yield f"column {name} is new and needs a value"


def _rule_faults(old, new):
    for rule in sorted(new["rules"] - old["rules"]):
        yield f"{rule} is new"


def _tables(path):
    made = create_engine(f"sqlite:///{path}")
    try:
        found = inspect(made)
        return {name: {"columns": _columns(found, name), "rules": _rules(found, name)} for name in found.get_table_names()}
    finally:
        made.dispose()


def _columns(found, table):
    return {each["name"]: (str(each["type"]), each["nullable"], each["default"]) for each in found.get_columns(table)}


def _rules(found, table):
    """Everything that can refuse a row."""
    keys = {f"primary key {found.get_pk_constraint(table)['constrained_columns']}"}
    unique = {f"unique {each['column_names']}" for each in (*found.get_unique_constraints(table), *_unique_indexes(found, table))}
    foreign = {f"foreign key {each['constrained_columns']} to {each['referred_table']}" for each in found.get_foreign_keys(table)}
    return keys | unique | foreign | {f"check {each['sqltext']}" for each in found.get_check_constraints(table)}


def _unique_indexes(found, table):
    return [each for each in found.get_indexes(table) if each["unique"]]


def _triggers(path):
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
