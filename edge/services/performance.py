"""How well the model does in the exams of this site: figures with their date, and the work that computes them in a process of its own."""

from collections.abc import Generator
from datetime import timedelta

from edge.disk.layout import DataFolder
from edge.exam.likelihood.own import Own
from edge.exchange.apart import each_apart
from edge.feedback.agreement import LEAST
from edge.feedback.performance.figures import Performance
from edge.feedback.performance.stored import StoredPerformance
from edge.feedback.progress import Progress
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.outcomes.outcomes import Outcomes
from edge.records.store import Store
from edge.services.background import Background, Work, computed
from edge.services.book import readable

RENEWED_AFTER = timedelta(days=1)
"""Older figures are computed again once something was recorded after them."""
NAME = "performance"
"""Of the work in the background."""


class PerformanceService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, data: DataFolder, background: Background) -> None:
        self._store, self._data, self._background = store, data, background
        self._stored = StoredPerformance(data.performance)

    def figures(self, actor: Actor) -> Performance | None:
        """The figures over the exams that the actor is allowed to read, protocol by protocol; None where none are computed.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        stored, protocols = self._stored.get(), readable(actor)
        if stored is None or protocols is None:
            return stored
        return stored.model_copy(update={"groups": tuple(each for each in stored.groups if each.protocol in protocols), "own": {}})

    def work(self, actor: Actor) -> Work:
        """The state of the computation.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
        """
        actor.require(Verb.READ)
        return self._background.work(NAME)

    def compute(self, actor: Actor) -> None:
        """Begins to compute the figures again, unless that runs already.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
            ApplianceBusy: the appliance stops.
        """
        actor.require(Verb.READ)
        self._begin()

    def own(self, condition: str) -> Own | None:
        """The site's own figures of a condition, by its name, for the post-test probability; None where there are none."""
        stored = self._stored.get()
        return None if stored is None else stored.own.get(condition)

    def look(self) -> None:
        """Computes figures that are older than a day, if something was recorded since; the first ones once enough outcomes are known."""
        work = self._background.work(NAME)
        if work.running or work.failed or self._background.ends:
            return
        stored = self._stored.get()
        if stored is None:
            due = len(Outcomes(self._store).of_patients()) >= LEAST
        else:
            due = self._store.now() - stored.at >= RENEWED_AFTER and self._store.latest() > stored.at
        if due:
            self._begin()

    def _begin(self) -> None:
        self._background.begin(NAME, self._compute)

    def _compute(self) -> Generator[Progress, None, None]:
        from edge.feedback.performance.compute import performance_at  # noqa: PLC0415 - it computes in a process of its own

        return computed(each_apart(performance_at, self._data.root), self._stored.put)
