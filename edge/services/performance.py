"""How well the model does in the exams of this site: figures with their date, and the work that computes them in a process of its own."""

import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import structlog

from edge.disk.layout import DataFolder
from edge.exam.likelihood.own import Own
from edge.exchange.apart import each_apart
from edge.feedback.agreement import LEAST
from edge.feedback.performance.compute import Progress, performance_at
from edge.feedback.performance.figures import Performance
from edge.feedback.performance.stored import StoredPerformance
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.outcomes.outcomes import Outcomes
from edge.records.store import Store
from edge.services.book import readable
from edge.services.busy import busy
from firmware_bridge.errors import SonoEdgeError

RENEWED_AFTER = timedelta(days=1)
"""Older figures are computed again once something was recorded after them."""
CLOSE_S = 1.0
"""How long a stop waits: the work ends with its process, and the figures of before stay."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Work:
    """Whether figures are computed now, with `done` exams read `of` all. `failed`: the last attempt ended early; the log states why."""

    running: bool = False
    done: int = 0
    of: int = 0
    failed: bool = False


class PerformanceService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, data: DataFolder) -> None:
        self._store, self._data = store, data
        self._stored = StoredPerformance(data.performance)
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._work = Work()

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
        return self._work

    def compute(self, actor: Actor) -> None:
        """Begins to compute the figures again, unless that runs already.

        Raises:
            NotAllowed: the actor is not allowed to read exams.
            ApplianceBusy: the appliance stops.
        """
        actor.require(Verb.READ)
        if self._ending.is_set():
            raise busy()
        self._begin()

    def own(self, condition: str) -> Own | None:
        """The site's own figures of a condition, by its name, for the post-test probability; None where there are none."""
        stored = self._stored.get()
        return None if stored is None else stored.own.get(condition)

    def look(self) -> None:
        """Computes figures that are older than a day, if something was recorded since; the first ones once enough outcomes are known."""
        if self._work.running or self._work.failed:
            return
        stored = self._stored.get()
        if stored is None:
            due = len(Outcomes(self._store).of_patients()) >= LEAST
        else:
            due = self._store.now() - stored.at >= RENEWED_AFTER and self._store.latest() > stored.at
        if due:
            self._begin()

    def close(self) -> None:
        """Ends the work; from now on none begins."""
        with self._lock:
            self._ending.set()
            thread = self._thread
        if thread is not None:
            thread.join(CLOSE_S)

    def _begin(self) -> None:
        with self._lock:
            if not self._work.running and not self._ending.is_set():
                self._work = Work(running=True)
                self._thread = threading.Thread(target=self._run, name="performance", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        failed = True
        try:
            self._compute()
            failed = False
        except SonoEdgeError as error:
            log.warning("the figures of the model were not computed", problem=error.what, fix=error.fix)
        except Exception:
            log.exception("the figures of the model were not computed")
        finally:
            self._work = Work(failed=failed)

    def _compute(self) -> None:
        with closing(each_apart(performance_at, self._data.root)) as results:
            for each in results:
                if self._ending.is_set():
                    return
                if isinstance(each, Progress):
                    self._work = Work(running=True, done=each.done, of=each.of)
                else:
                    self._stored.put(each)
