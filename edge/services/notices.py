"""Notices: what everybody has to know until a person reports that it was seen."""

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.notices import Notice, Notices


class NoticeService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    @property
    def waiting(self) -> int:
        """How many were unseen at the last look; never waits for the disk."""
        return self._notices.waiting

    def unseen(self, actor: Actor) -> tuple[Notice, ...]:
        """The oldest first.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        return self._notices.unseen()

    def seen(self, actor: Actor, notice_id: str) -> Notice:
        """Records that a person has seen a notice; the first one stays.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            RecordUnknown: there is no such notice.
            RecordsFull: the disk refuses it.
        """
        actor.require(Verb.SERVE)
        return self._notices.seen(notice_id, actor.name)
