"""Life: one worker from its first run to its end, with the restarts that its row of the table allows."""

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum

import structlog

from edge.supervisor.worker import Job, Outage, Worker, WorkerEnded
from firmware_bridge.errors import SonoEdgeError
from firmware_bridge.says import say

log = structlog.get_logger()


class Phase(str, Enum):
    """The phase of a worker."""

    NEW = "new"
    RUNNING = "running"
    WAITING = "waiting"
    """It failed and will run again soon."""
    DOWN = "down"
    """It failed too often and does not run again."""
    ENDED = "ended"


class Life:
    """Any thread can use `beat` and `outage`."""

    def __init__(self, worker: Worker, job: Job, down: Callable[["Life", BaseException], None]) -> None:
        """`down` receives the first cause, in the worker's thread, when the worker does not run again or fails while it ends."""
        self.worker = worker
        self.restarts = 0
        self.phase = Phase.NEW
        self._job, self._down = job, down
        self._ending, self._turn = threading.Event(), threading.Lock()
        self._failures: deque[tuple[float, BaseException]] = deque()
        self._beat_at = self._begun_at = 0.0
        self._thread = threading.Thread(
            target=self._live, name=worker.name, daemon=True
        )  # a thread that hangs must not block the end of the process

    @property
    def beaten(self) -> bool:
        """Whether a worker with a heartbeat has given one; True for a worker without a heartbeat."""
        return self.worker.beat_s is None or self._beat_at > 0

    @property
    def outage(self) -> Outage | None:
        """What is missing now; None while the worker runs, and after it has ended normally."""
        name, silence = self.worker.name, self.worker.silence
        if self.phase in {Phase.WAITING, Phase.DOWN} and self._failures:
            error = self._failures[0][1]
            says = error.says if isinstance(error, SonoEdgeError) else None
            return Outage(name, silence, _sentence(error), lasts=self.phase is Phase.DOWN, says=says)
        if self._is_silent():
            cause = say("worker_silent", "It has given no sign of life for {seconds:g} s", seconds=self.worker.beat_s or 0)
            return Outage(name, silence, cause, lasts=True, says=cause.says)
        return None

    def beat(self) -> None:
        """Records a sign of life of the worker."""
        self._beat_at = time.monotonic()

    def start(self) -> None:
        """Starts the worker, unless `end` was called before."""
        with self._turn:
            if not self._ending.is_set():
                self._thread.start()

    def end(self) -> None:
        """Asks the worker to end and waits for it; safe before and during `start`."""
        with self._turn:
            self._ending.set()
        self._job.close()
        if self._thread.ident is not None:
            self._thread.join()

    def _is_silent(self) -> bool:
        limit = self.worker.beat_s
        return self.phase is Phase.RUNNING and limit is not None and time.monotonic() - max(self._beat_at, self._begun_at) > limit

    def _live(self) -> None:
        while (error := self._run_once()) is not None:
            wait_s = self._wait_after(error)
            if self._ending.is_set() or wait_s is None:
                self.phase = Phase.DOWN
                log.error("worker failed and stays down", worker=self.worker.name, exc_info=error)
                self._down(self, self._failures[0][1])
                return
            self.phase = Phase.WAITING
            log.error("worker failed and is restarted", worker=self.worker.name, wait_s=wait_s, exc_info=error)
            if self._ending.wait(wait_s):
                break
            self.restarts += 1
        self.phase = Phase.ENDED

    def _run_once(self) -> BaseException | None:
        """The error of the run; None if it ended normally."""
        self._begun_at, self.phase = time.monotonic(), Phase.RUNNING
        try:
            self._job.run()
        except Exception as error:
            return error
        except BaseException as error:  # a library that calls sys.exit must not end the appliance without a report
            ended = WorkerEnded(f"The worker {self.worker.name} was ended by {error!r}", "Report this with the log")
            ended.__cause__ = error
            return ended
        if self._ending.is_set() or self.worker.may_end:
            return None
        return WorkerEnded(f"The worker {self.worker.name} ended by itself", "Report this with the log")

    def _wait_after(self, error: BaseException) -> float | None:
        """Seconds to wait before the next run; None if the worker failed too often."""
        rule, now = self.worker.restarts, time.monotonic()
        while self._failures and now - self._failures[0][0] > rule.within_s:
            self._failures.popleft()
        self._failures.append((now, error))
        again = len(self._failures)
        return rule.waits_s[min(again, len(rule.waits_s)) - 1] if again <= rule.most else None


def _sentence(error: BaseException) -> str:
    return str(error) or type(error).__name__
