"""Ids of records: they sort by the time at which they were made, and stay the same in every other system."""

import uuid

import uuid6


def new_id() -> str:
    """A UUID of version 7: ids sort in the order in which they were made."""
    return str(uuid6.uuid7())


def uid_of(record_id: str) -> str:
    """The DICOM UID of a record, at most 44 characters (PS3.5 B.2: `2.25.` and the UUID as a decimal number)."""
    return f"2.25.{uuid.UUID(record_id).int}"
