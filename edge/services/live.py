"""What of the live reading is shown, and to whom: page, API, metrics and viewers all ask here, and nowhere else."""

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.services.exam import ExamService


class LiveService:
    """Any thread may use it; nothing here waits."""

    def __init__(self, exam: ExamService) -> None:
        self._exam = exam

    def shows_findings(self, actor: Actor) -> bool:
        """Whether the actor sees what the model finds in the live image.

        Not while an exam runs whose findings site policy hides from this actor. A viewer or a scraper that nobody signed in for is
        `NOBODY_ACTOR`.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        status = self._exam.status
        return not status.running or status.record is None or self._exam.book.shown(actor, status.record)
