"""From database rows to frozen objects with plain values."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import inspect

from edge.records.errors import RecordStale, RecordUnknown
from edge.records.schema import Base

Stored = TypeVar("Stored")
Row = TypeVar("Row", bound=Base)


def stored(kind: Callable[..., Stored], row: Base, **more: object) -> Stored:
    """A dataclass with a field for each column of the row; lists become tuples, and `more` replaces columns."""
    columns = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in columns.items()} | more)


def found(row: Row | None, noun: str, record_id: str) -> Row:
    """The row, where there is one.

    Raises:
        RecordUnknown: there is no such record.
    """
    if row is None:
        raise RecordUnknown(f"There is no {noun} {record_id}", "Find it in the list, or correct the id")
    return row


def expect(noun: str, version: int, seen: int | None) -> int:
    """The version of a row after a change that was made to version `seen`; None: the change is for any version.

    Raises:
        RecordStale: the row has another version now.
    """
    if seen is not None and seen != version:
        raise RecordStale(
            f"The {noun} now has version {version}, and the change was made to version {seen}", "Load it again, and decide again"
        )
    return version + 1
