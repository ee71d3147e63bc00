"""The DICOM UIDs of what is made from a record: the same record gives the same UIDs, so that sending it again adds nothing."""

import uuid

_HOUSE = uuid.UUID("803298a5-70e5-5b0a-8a4b-2d0d8b5cd9a3")
"""Made once for the names in this module."""


def derived_uid(*parts: object) -> str:
    """The UID of what `parts` name, such as the id of a clip and the number of its part (PS3.5 B.2, UUID version 5)."""
    return f"2.25.{uuid.uuid5(_HOUSE, '/'.join(map(str, parts))).int}"
