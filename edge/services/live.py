"""Who sees which part of the live reading: the one rule for page, API, metrics and viewers."""

from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.services.exam import ExamService


class LiveService:
    """Any thread may use it; nothing here waits."""

    def __init__(self, exam: ExamService) -> None:
        self._exam = exam

    def shows_findings(self, actor: Actor) -> bool:
        """Whether the actor sees what the model finds in the live image.

        Not during an exam whose findings the site policy hides from this actor. A viewer or a scraper without a sign-in is
        `NOBODY_ACTOR`.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        actor.require(Verb.LOOK)
        status = self._exam.status
        return not status.running or status.record is None or self._exam.book.shows(actor, status.record)
