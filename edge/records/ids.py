"""Ids of records: they sort by the time at which they were made, and stay the same in every other system."""

import re
import uuid

import uuid6
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import QueryableAttribute

SHORTEST_ID = 4
"""A person names a record by this many characters of its id, or more: of its beginning, which is its time, or of its end."""
PART = re.compile(rf"[0-9a-f-]{{{SHORTEST_ID},}}")


def new_id() -> str:
    """A UUID of version 7: ids sort in the order in which they were made."""
    return str(uuid6.uuid7())


def uid_of(record_id: str) -> str:
    """The DICOM UID of a record, at most 44 characters (PS3.5 B.2: `2.25.` and the UUID as a decimal number)."""
    return f"2.25.{uuid.UUID(record_id).int}"


def fits(column: QueryableAttribute[str] | QueryableAttribute[str | None], part: str, kind: str = "") -> ColumnElement[bool]:
    """Whether `column` holds `kind` and then an id that begins or ends with `part`."""
    begins, ends = column.startswith(kind + part, autoescape=True), column.endswith(part, autoescape=True)
    return or_(begins, and_(column.startswith(kind, autoescape=True), ends))
