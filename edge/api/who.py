"""Who asks: set by the authorisation that every request passes, and taken by the routes that need to know."""

from typing import Annotated

from fastapi import Depends, Request

from edge.people.actor import UNCLAIMED_ACTOR, Actor


def who(request: Request) -> Actor:
    """The actor of this request."""
    actor = getattr(request.state, "actor", UNCLAIMED_ACTOR)
    assert isinstance(actor, Actor)
    return actor


Who = Annotated[Actor, Depends(who)]
