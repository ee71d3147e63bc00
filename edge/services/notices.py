"""Notices: messages for everybody, shown until a person reports that they were seen."""

from collections.abc import Callable

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.clock import wall
from edge.records.notices import Notice, Notices
from firmware_bridge.errors import SonoEdgeError

NOW = "now"
"""The id of a notice that is not stored and ends with its cause."""


def no_refusal() -> SonoEdgeError | None:
    """For records that take every notice."""
    return None


class NoticeService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, notices: Notices, refusal: Callable[[], SonoEdgeError | None] = no_refusal) -> None:
        """`refusal` states why nothing can be recorded now: a notice that cannot be recorded either."""
        self._notices, self._refusal = notices, refusal

    @property
    def waiting(self) -> int:
        """How many were unseen at the last check; never waits for the disk."""
        return self._notices.waiting + (self._refusal() is not None)

    def unseen(self, actor: Actor) -> tuple[Notice, ...]:
        """The oldest first; last, for as long as it is true, that nothing can be recorded.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        stored, refusal = self._notices.unseen(), self._refusal()
        return stored if refusal is None else (*stored, Notice(NOW, refusal.code, refusal.what, refusal.fix, wall(), None, None))

    def seen(self, actor: Actor, notice_id: str) -> Notice:
        """Records that a person has seen a notice; only the first person is recorded.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            RecordUnknown: no notice has this id.
            RecordsFull: the disk refuses it.
        """
        actor.require(Verb.SERVE)
        return self._notices.seen(notice_id, actor.name)
