"""From rows to what is handed out: frozen, and of plain values."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import inspect

from edge.records.errors import RecordStale, RecordUnknown
from edge.records.schema import Base

Kept = TypeVar("Kept")
Row = TypeVar("Row", bound=Base)


def kept(kind: Callable[..., Kept], row: Base, **more: object) -> Kept:
    """A dataclass with a field for each column of the row; lists become tuples, and `more` goes before a column."""
    columns = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in columns.items()} | more)


def found(row: Row | None, noun: str, record_id: str) -> Row:
    """The row.

    Raises:
        RecordUnknown: there is none.
    """
    if row is None:
        raise RecordUnknown(f"There is no {noun} {record_id}", "Look for it in the list, or correct the id")
    return row


def expect(noun: str, version: int, seen: int | None) -> int:
    """The next version of a row of which somebody has seen version `seen`; None: the change holds whatever was seen.

    Raises:
        RecordStale: it is another by now.
    """
    if seen is not None and seen != version:
        raise RecordStale(f"The {noun} is of version {version} by now, and {seen} was seen", "Look at it again, and decide anew")
    return version + 1
