"""The actor of a request: authorisation sets it, and the routes that need it read it."""

from typing import Annotated

from fastapi import Depends, Request

from edge.people.actor import UNCLAIMED_ACTOR, Actor


def who(request: Request) -> Actor:
    """The actor of this request."""
    actor = getattr(request.state, "actor", UNCLAIMED_ACTOR)
    assert isinstance(actor, Actor)
    return actor


Who = Annotated[Actor, Depends(who)]
