"""Long lists in pages: each page states where the next one begins. So nothing is missing or repeated while entries are added."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from firmware_bridge.errors import InputRefused

LONGEST, USUAL = 200, 50
"""Items on one page."""

Stored = TypeVar("Stored")
Item = TypeVar("Item")


class CursorUnreadable(InputRefused):
    """The given cursor is not one of this appliance's."""

    code = "cursor-unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins and its length: `after` is the id of the last item of the previous page; None is the start of the list."""

    after: str | None
    limit: int

    @property
    def fetch(self) -> int:
        """The number of items to read: one more than is shown, to know whether there is another page."""
        return self.limit + 1


class Page(BaseModel, Generic[Item]):
    """One page of a list. Send `next` as `cursor` to get the next page; null on the last page."""

    items: list[Item]
    next: str | None


def place(
    cursor: Annotated[str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the previous page")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST)] = USUAL,
) -> Place:
    """The place that a request asks for.

    Raises:
        CursorUnreadable: the cursor is not valid.
    """
    return Place(None if cursor is None else _decoded(cursor), limit)


Cursor = Annotated[Place, Depends(place)]


def page_of(stored: Sequence[Stored], cursor: Place, out: Callable[[Stored], Item], key: Callable[[Stored], str]) -> Page[Item]:
    """A page of the items that were read with `cursor.fetch`; `key` is the id by which the list is sorted."""
    shown = stored[: cursor.limit]
    more = len(stored) > cursor.limit
    return Page(items=[out(each) for each in shown], next=encoded(key(shown[-1])) if more else None)


def encoded(last: str) -> str:
    """The cursor of the page that begins after the item with this id."""
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CursorUnreadable("The cursor cannot be read", "Send `next` of the previous page, or no cursor to start again") from error
