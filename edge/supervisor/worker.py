"""Worker: one row of the table that the supervisor executes, and the small jobs for its rows."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from firmware_bridge.errors import Damaged, SonoEdgeError
from firmware_bridge.says import Says


class Job(Protocol):
    """The work that a worker does in its thread."""

    def run(self) -> None:
        """Works until `close` is called; can be called again after a failure."""
        ...

    def close(self) -> None:
        """Asks `run` to end; any thread can call it at any time, also before `run` has begun."""
        ...


class Works(Protocol):
    """The jobs for the rows; the appliance implements it. A job that the settings do not need is None."""

    @property
    def audit_job(self) -> Job: ...
    @property
    def records_job(self) -> Job: ...
    @property
    def models_job(self) -> Job: ...
    @property
    def outbox_job(self) -> Job: ...
    @property
    def admissions_job(self) -> Job | None: ...
    @property
    def web_job(self) -> Job: ...
    @property
    def site_job(self) -> Job | None: ...
    @property
    def viewers_job(self) -> Job | None: ...
    @property
    def reading_job(self) -> Job: ...
    @property
    def source_job(self) -> Job: ...
    @property
    def recording_problem(self) -> SonoEdgeError | None: ...
    @property
    def disk_problem(self) -> SonoEdgeError | None: ...
    @property
    def shadow_problem(self) -> SonoEdgeError | None: ...
    @property
    def clip_problem(self) -> SonoEdgeError | None: ...


@dataclass(frozen=True, slots=True)
class Restarts:
    """A worker that failed runs again after the next of `waits_s`; the last one repeats. It does so at most `most` times in `within_s`."""

    waits_s: tuple[float, ...]
    most: int
    within_s: float


@dataclass(frozen=True, slots=True)
class Worker:
    """One thread of the appliance. `job` returns its work, or None if the settings do not need it.

    The appliance ends without an `essential` worker, and works without any other. `silence` is a sentence for people: what is missing while
    the worker does not run. A worker with a heartbeat counts as silent after `beat_s` seconds without one. `stop_s` is the time limit for
    its stop. If `may_end` is true, a worker that returns has finished its work; otherwise it has failed.
    """

    name: str
    job: Callable[[Works], Job | None]
    essential: bool
    restarts: Restarts
    silence: str
    stop_s: float
    beat_s: float | None = None
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """Optional work that starts and ends by itself, such as a recording. It is never restarted, only watched for a `problem`.

    While a problem of one that `blocks` lasts, the appliance is not ready.
    """

    name: str
    problem: Callable[[Works], SonoEdgeError | None]
    silence: str
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Outage:
    """A part that does not run. `silence` states what is missing, `cause` states why; `lasts` is false if it will be restarted soon.

    `fix` is the next step, if it is another one than to restart the appliance. While an outage `blocks`, the appliance is not ready.
    `says` is what a page translates of the cause and the fix.
    """

    name: str
    silence: str
    cause: str
    lasts: bool
    fix: str = ""
    blocks: bool = False
    says: Says | None = None


class WorkerEnded(Damaged):
    """A worker that should run until the stop ended earlier."""

    code = "worker-ended"
    says_code = "worker_ended"


class Until:
    """A job that works until an event is set."""

    def __init__(self, work: Callable[[threading.Event], None]) -> None:
        self._work = work
        self._ending = threading.Event()

    def run(self) -> None:
        self._work(self._ending)

    def close(self) -> None:
        self._ending.set()


class Renewed:
    """A job that is made again for every run, such as a server, which closes its socket when it ends."""

    def __init__(self, make: Callable[[], Job]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._closed = False

    def run(self) -> None:
        with self._lock:
            if self._closed:
                return
            job = self._job = self._make()
        job.run()

    def close(self) -> None:
        with self._lock:
            self._closed, job = True, self._job
        if job is not None:
            job.close()
