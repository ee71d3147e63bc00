"""Long lists, a page at a time: each page says where the next begins, so that nothing is missed or told twice while more is added."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from firmware_bridge.errors import InputRefused

LONGEST, USUAL = 200, 50
"""Items of a page."""

Kept = TypeVar("Kept")
Item = TypeVar("Item")


class CursorUnreadable(InputRefused):
    """What was given as the place in a list is none that this appliance gave out."""

    code = "cursor-unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins and how long it is: `after` is the id of the last item of the page before; None: the list's begin."""

    after: str | None
    limit: int

    @property
    def fetch(self) -> int:
        """How many to ask the records for: one more than is told, to know whether there is another page."""
        return self.limit + 1


class Page(BaseModel, Generic[Item]):
    """Some of a list. `next` is to be given as `cursor` to see what follows; null: nothing does."""

    items: list[Item]
    next: str | None


def place(
    cursor: Annotated[str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST)] = USUAL,
) -> Place:
    """The place that a request asks for.

    Raises:
        CursorUnreadable: it is none.
    """
    return Place(None if cursor is None else _decoded(cursor), limit)


Cursor = Annotated[Place, Depends(place)]


def page_of(kept: Sequence[Kept], cursor: Place, out: Callable[[Kept], Item], key: Callable[[Kept], str]) -> Page[Item]:
    """A page of what the records gave for `cursor.fetch`; `key` is the id by which the list is sorted."""
    shown = kept[: cursor.limit]
    more = len(kept) > cursor.limit
    return Page(items=[out(each) for each in shown], next=_encoded(key(shown[-1])) if more else None)


def _encoded(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CursorUnreadable("The cursor cannot be read", "Give `next` of the page before as it was, or none to begin") from error
