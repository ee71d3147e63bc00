"""The base of all tables, and how a value of Python becomes a column."""

from datetime import datetime

from sqlalchemy import JSON, Text
from sqlalchemy.orm import DeclarativeBase

from edge.records.columns import Json, Moment


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Moment, Json: JSON, list[str]: JSON, str: Text}  # noqa: RUF012 - the library's own name
