"""Changes by several people at once: each change states the version of the record that its author saw (RFC 9110 13.1.1)."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Response

from firmware_bridge.errors import InputRefused

TAG = r'"([1-9][0-9]{0,17})"'


class VersionMissing(InputRefused):
    """A change does not state the version of its record."""

    code = "version-missing"
    status = HTTPStatus.PRECONDITION_REQUIRED


class VersionUnreadable(InputRefused):
    """The given version is not a version."""

    code = "version-unreadable"
    status = HTTPStatus.BAD_REQUEST


def etag(response: Response, version: int) -> None:
    """States the version of the record in the answer."""
    response.headers["ETag"] = f'"{version}"'


def if_match(
    if_match: Annotated[str | None, Header(description="The ETag of the record as it was read")] = None,
) -> int:
    """The version of the record that the client saw.

    Raises:
        VersionMissing: the header is missing (answered with 428, RFC 6585).
        VersionUnreadable: the header holds no version.
    """
    if if_match is None:
        raise VersionMissing("This change does not state the version of the record", "Read the record, and send its ETag as If-Match")
    found = re.fullmatch(TAG, if_match.strip())
    if found is None:
        raise VersionUnreadable("If-Match holds no version", 'Send the ETag of the record unchanged, such as "3"')
    return int(found[1])


IfMatch = Annotated[int, Depends(if_match)]
