"""The label service: what readers stated of the clips of this appliance, to judge a release on them. A live appliance needs none of it."""

from collections.abc import Sequence

from edge.exam.labelled import Labelled
from edge.exam.protocol.file import Catalogue
from edge.exam.reviewed import ReviewedExams
from edge.exam.stored import StoredExams
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.services.book import readable
from firmware_bridge.machine import Machine


class LabelService:
    """For the shell."""

    def __init__(self, stored: StoredExams, catalogue: Catalogue) -> None:
        self._reviewed = ReviewedExams(stored, catalogue)

    def of_exams(self, actor: Actor, machine: Machine, keys: Sequence[str]) -> Labelled:
        """The clips of a machine in the exams that the actor is allowed to read, which readers labelled with findings of these keys.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
            AcceptanceRefused, ProtocolTextMissing: see `ReviewedExams.labelled`.
        """
        actor.require(Verb.READ)
        return self._reviewed.labelled(machine, keys, readable(actor))
