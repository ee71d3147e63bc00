"""Notices: messages for everybody, shown until a person reports that they were seen."""

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.notices import Notice, Notices


class NoticeService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    @property
    def waiting(self) -> int:
        """How many were unseen at the last check; never waits for the disk."""
        return self._notices.waiting

    def unseen(self, actor: Actor) -> tuple[Notice, ...]:
        """The oldest first.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        return self._notices.unseen()

    def seen(self, actor: Actor, notice_id: str) -> Notice:
        """Records that a person has seen a notice; only the first person is recorded.

        Raises:
            NotAllowed: the actor is not allowed to serve the appliance.
            RecordUnknown: no notice has this id.
            RecordsFull: the disk refuses it.
        """
        actor.require(Verb.SERVE)
        return self._notices.seen(notice_id, actor.name)
