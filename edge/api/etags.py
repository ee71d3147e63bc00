"""Changing what somebody else may have changed meanwhile: who changes a record says which version of it was seen (RFC 9110 13.1.1)."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Response

from firmware_bridge.errors import InputRefused

TAG = r'"([1-9][0-9]{0,17})"'


class VersionMissing(InputRefused):
    """A change does not say of which version it is."""

    code = "version-missing"
    status = HTTPStatus.PRECONDITION_REQUIRED


class VersionUnreadable(InputRefused):
    """A version is given that is none."""

    code = "version-unreadable"
    status = HTTPStatus.BAD_REQUEST


def etag(response: Response, version: int) -> None:
    """Says the version of what is answered."""
    response.headers["ETag"] = f'"{version}"'


def if_match(
    if_match: Annotated[str | None, Header(description="The ETag of the record as it was read")] = None,
) -> int:
    """The version that the request was made for.

    Raises:
        VersionMissing: there is none (answered with 428, RFC 6585).
        VersionUnreadable: it is no version.
    """
    if if_match is None:
        raise VersionMissing("This change does not say of which version it is", "Read the record, and send its ETag as If-Match")
    found = re.fullmatch(TAG, if_match.strip())
    if found is None:
        raise VersionUnreadable("If-Match holds no version", 'Send the ETag as it was answered, such as "3"')
    return int(found[1])


IfMatch = Annotated[int, Depends(if_match)]
