"""The doctor within the running appliance, for those who serve it."""

from collections.abc import Callable

from edge.health.finding import Finding
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.settings import Settings


def examiner(settings: Settings) -> Callable[[Actor], list[Finding]]:
    """Returns what asks the questions that disturb no exam. It raises NotAllowed where the actor is not allowed to serve."""

    def examine(actor: Actor) -> list[Finding]:
        from edge.health.doctor import examine_running  # noqa: PLC0415 - slow, and many boxes are never asked

        actor.require(Verb.SERVE)
        return examine_running(settings)

    return examine
