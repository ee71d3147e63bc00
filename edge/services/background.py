"""Work that can wait: one piece after another, each in a process of its own, so that the live image keeps its cores."""

import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import structlog

from edge.feedback.progress import Progress
from edge.services.busy import busy
from firmware_bridge.errors import SonoEdgeError

CLOSE_S = 1.0
"""How long a stop waits: the work ends with its process, and the results of before stay."""

Task = Callable[[], Generator[Progress, None, None]]
"""Does the work, and stores its results; it can be closed after each report of its progress."""

Result = TypeVar("Result")

log = structlog.get_logger()


def computed(results: Generator[Progress | Result, None, None], take: Callable[[Result], object]) -> Generator[Progress, None, None]:
    """The progress of what is computed apart; `take` receives each result."""
    with closing(results):
        for each in results:
            if isinstance(each, Progress):
                yield each
            else:
                take(each)


@dataclass(frozen=True, slots=True)
class Work:
    """Whether something is computed now or waits for that, with `done` exams read `of` all. `failed`: the last attempt ended early."""

    running: bool = False
    done: int = 0
    of: int = 0
    failed: bool = False


IDLE = Work()


class Background:
    """Any thread may use it. Its thread ends when nothing waits any more."""

    def __init__(self) -> None:
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._waiting: deque[tuple[str, Task]] = deque()
        self._works: dict[str, Work] = {}
        self._thread: threading.Thread | None = None

    def work(self, name: str) -> Work:
        """The state of the work of this name."""
        return self._works.get(name, IDLE)

    def begin(self, name: str, task: Task) -> None:
        """Begins a task, or lets it wait for its turn, unless one of this name runs or waits already.

        Raises:
            ApplianceBusy: the appliance stops.
        """
        with self._lock:
            if self._ending.is_set():
                raise busy()
            if self.work(name).running:
                return
            self._works[name] = Work(running=True)
            self._waiting.append((name, task))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="background", daemon=True)
                self._thread.start()

    @property
    def ends(self) -> bool:
        """Whether the appliance stops: nothing begins any more."""
        return self._ending.is_set()

    def close(self) -> None:
        """Ends the work; from now on none begins."""
        with self._lock:
            self._ending.set()
            thread = self._thread
        if thread is not None:
            thread.join(CLOSE_S)

    def _run(self) -> None:
        while (waiting := self._next()) is not None:
            name, task = waiting
            self._works[name] = Work(failed=not self._done(name, task))

    def _next(self) -> tuple[str, Task] | None:
        with self._lock:
            waiting = self._waiting.popleft() if self._waiting and not self._ending.is_set() else None
            if waiting is None:
                self._thread = None
            return waiting

    def _done(self, name: str, task: Task) -> bool:
        try:
            with closing(task()) as steps:
                for each in steps:
                    if self._ending.is_set():
                        return False
                    self._works[name] = Work(running=True, done=each.done, of=each.of)
        except SonoEdgeError as error:
            log.warning("the work in the background ended early", name=name, problem=error.what, fix=error.fix)
            return False
        except Exception:
            log.exception("the work in the background ended early", name=name)
            return False
        return True
