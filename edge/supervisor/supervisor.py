"""Supervisor: executes the table of workers, reports what does not run, and stops everything in reverse order."""

import threading
import time
from collections.abc import Callable, Mapping

import structlog

from edge.supervisor.closers import Closers
from edge.supervisor.latch import Latch
from edge.supervisor.life import Life, Phase
from edge.supervisor.worker import Outage, Restarts, Side, Until, Worker, Works
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.says import say

CHECK_S = 0.5
"""How often the supervisor checks for workers that stopped or are silent."""
REPORT_AGAIN_S = 10.0
"""Wait after a report that the disk refused. Each report is a write, so this is also how soon a disk with room again is noticed."""
POLL_S = 0.01
"""How often a start checks whether it is complete."""
WATCH = Worker(
    "supervisor",
    lambda _: None,
    essential=False,
    restarts=Restarts((1.0,), most=10, within_s=60),
    silence=say("supervisor_silent", "Nobody is notified when a worker stops."),
    stop_s=2,
)
"""The supervisor's own thread. `stop_s` leaves it time to write a notice."""

log = structlog.get_logger()


class Supervisor:
    """Starts and stops workers. `stopping` is set when the appliance should end, by a person or because an essential worker failed."""

    def __init__(self, closers: Closers, stopping: Latch, report: Callable[[Outage], None]) -> None:
        """`report` receives each lasting outage once, in the supervisor's own thread. If it fails, it is called again."""
        self._closers, self._stopping, self._report = closers, stopping, report
        self._lives: dict[str, Life] = {}
        self._sides: Callable[[], list[Outage]] = list
        self._lock = threading.Lock()
        self._failure: BaseException | None = None
        self._reported: set[tuple[str, str]] = set()
        self._report_from = 0.0

    def start(self, works: Works, workers: tuple[Worker, ...], sides: tuple[Side, ...]) -> None:
        """Starts every worker in the order of the table. Returns when all were started, or as soon as the appliance should stop."""
        self._sides = lambda: [
            Outage(side.name, side.silence, problem.what, lasts=True, fix=problem.fix, blocks=side.blocks, says=problem.says)
            for side in sides
            if (problem := side.problem(works)) is not None
        ]
        for worker in workers:
            if (job := worker.job(works)) is not None:
                self._lives[worker.name] = Life(worker, job, self._down)
        for life in (*self._lives.values(), Life(WATCH, Until(self._watch), self._down)):
            if self._stopping.is_set() or not self._closers.push(life.worker.name, life.end, life.worker.stop_s):
                return
            life.start()

    def wait_until_running(self) -> bool:
        """Waits until each essential worker with a heartbeat has given one; False if the appliance should stop before that."""
        while not all(life.beaten for life in self._lives.values() if life.worker.essential):
            if self._stopping.wait(POLL_S):
                return False
        return not self._stopping.is_set()

    def beat(self, name: str) -> None:
        """Records a sign of life of a worker."""
        if (life := self._lives.get(name)) is not None:
            life.beat()

    def outages(self) -> tuple[Outage, ...]:
        """The parts that do not run now, although the settings ask for them."""
        lives = [outage for life in self._lives.values() if (outage := life.outage) is not None]
        return (*lives, *self._sides())

    def running(self) -> Mapping[str, bool]:
        """Worker name -> whether it runs, or has finished its work."""
        return {name: life.outage is None and life.phase is not Phase.NEW for name, life in self._lives.items()}

    def restarts(self) -> Mapping[str, int]:
        """Worker name -> number of restarts."""
        return {name: life.restarts for name, life in self._lives.items()}

    def join(self) -> None:
        """Stops everything that was opened, the newest first, each within its time limit. Any thread can call it at any time, also twice.

        Raises:
            BaseException: the first failure.
        """
        self._stopping.set()
        for error in self._closers.close():
            self._fail(error)
        if self._failure is not None:
            raise self._failure

    def _down(self, life: Life, cause: BaseException) -> None:
        if life.worker.essential:
            self._fail(cause)
            self._stopping.set()

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            first = self._failure is None
            if first:
                self._failure = error
        if not first and error is not self._failure:
            log.error("a later failure", problem=str(error) or type(error).__name__)

    def _watch(self, ending: threading.Event) -> None:
        while not ending.wait(CHECK_S):
            self._check()
        self._check()

    def _check(self) -> None:
        """Reports new outages. A worker that has recovered is reported again if it stops again."""
        if time.monotonic() < self._report_from:
            return
        try:
            lasting = {(outage.name, outage.cause): outage for outage in self.outages() if outage.lasts}
            self._reported &= lasting.keys()
            for key in lasting.keys() - self._reported:
                self._report(lasting[key])
                self._reported.add(key)
        except SonoEdgeError as error:  # such as a full disk that cannot store a notice
            log.warning("an outage was not reported; it is tried again", problem=error.what, wait_s=REPORT_AGAIN_S)
            self._report_from = time.monotonic() + REPORT_AGAIN_S
        except Exception:
            log.exception("an outage was not reported")
