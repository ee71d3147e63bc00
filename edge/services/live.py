"""The live reading: who sees which part of it, the one rule for page, API, metrics and viewers; and its steady answers."""

from edge.exam.steady import Answer, SteadyAnswers
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.pipeline.observation import Observation
from edge.services.exam import ExamService
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import SourceLoss


class LiveService:
    """A `Tap` of the pipeline. Any thread may use it; the pipeline waits for nothing here."""

    def __init__(self, exam: ExamService) -> None:
        self._exam, self._steady = exam, SteadyAnswers()

    def frame(self, frame: Frame) -> None: ...

    def losses(self, losses: tuple[SourceLoss, ...]) -> None: ...

    def observation(self, observation: Observation) -> None:
        self._steady.add(observation)

    def answers(self, actor: Actor) -> tuple[Answer, ...]:
        """What is stated of the last seconds; nothing where the findings are hidden from the actor.

        Raises:
            NotAllowed: the actor is not allowed to look.
        """
        return self._steady.answers() if self.shows_findings(actor) else ()

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
