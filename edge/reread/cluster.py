"""Distributes jobs, such as clips, over a Dask cluster: this machine's cores, or the machines of a district. Only this module uses Dask.

When a worker dies, Dask suspects all of its jobs, also a job that only waited there. So this module submits no more jobs than there
are workers. It tries a suspected job again alone, when it cannot affect other jobs.
"""

import logging
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import dask
from distributed import CancelledError, Client, Future, LocalCluster, wait
from distributed import TimeoutError as DaskTimeout
from distributed.scheduler import KilledWorker

from firmware_bridge.child import SAFE_ENVIRONMENT
from firmware_bridge.errors import Unavailable

LOOPBACK = "127.0.0.1"
DEATHS_ALLOWED = 1
"""After this number of deaths of its workers, a job is tried once more; after the next death it is suspected."""
CONNECT_S = 5
POLL_S = 1.0
ALONE_S = 180.0
"""After this time without a worker, the command ends."""
ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d{1,5}")
QUIET = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")
"""Their messages about a dead worker are not shown: the result of the job reports it. Dask sets a level for each of these loggers."""
LOCAL = {
    "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": "spawn",
    **{f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in SAFE_ENVIRONMENT.items()},
}
KILLED = "it ended the process that worked on it, in every attempt"
IGNORE_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Each worker process runs this: Ctrl-C ends the command, and the command ends the workers."""

Work = TypeVar("Work")
Result = TypeVar("Result")
Failed = Callable[[Work, str, str], Result]
"""The result of a job that failed: with a code for programs, and the problem for people."""


class ClusterUnusable(Unavailable):
    """The workers are not suitable, or are gone."""

    code = "cluster-unusable"


@contextmanager
def local(workers: int) -> Iterator[Client]:
    """Starts worker processes on this machine. Only this command can reach them: on loopback, encrypted with temporary keys."""
    _silence_logs()
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="sonoedge-reread-"))
        stack.enter_context(dask.config.set(LOCAL | {"temporary-directory": scratch}))
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            security=True,
            memory_limit=None,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": f"{LOOPBACK}:0"},
            silence_logs=logging.CRITICAL,
            preload=[IGNORE_CTRL_C],
        )
        stack.enter_context(cluster)
        yield stack.enter_context(Client(cluster))


@contextmanager
def remote(address: str, fault: Callable[[], str]) -> Iterator[Client]:
    """Connects to the workers of a remote scheduler. Each of them must have no `fault`, which it states of itself; empty: it has none.

    Raises:
        ClusterUnusable: there is no scheduler, it has no workers, or a worker lacks something; the message names it.
    """
    _silence_logs()
    if not ADDRESS.fullmatch(address):
        raise ClusterUnusable(f"'{address}' is not the address of a Dask scheduler", "Write it as the scheduler shows it: tcp://HOST:8786")
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise ClusterUnusable(
            f"no Dask scheduler answers at {address}", "Start one with `dask scheduler`, and its workers with `dask worker`"
        ) from error
    with client:
        _check(client, fault)
        yield client


def each_done(
    client: Client, do: Callable[[Work], Result], jobs: Iterable[Work], failed: Failed[Work, Result]
) -> Iterator[tuple[Work, Result]]:
    """Yields every job with its result, in the order in which they end. No job is lost when workers die, even all of them one by one.

    `do` makes a result of a job, and never None.

    Raises:
        ClusterUnusable: the scheduler or all workers are gone; the results so far are valid.
    """
    suspects = list[Work]()
    for job, result in _spread(client, do, jobs, failed):
        if result is None:
            suspects.append(job)
        else:
            yield job, result
    for suspect in suspects:
        for job, result in _spread(client, do, [suspect], failed):
            yield job, result if result is not None else failed(job, "killed-worker", KILLED)


def _spread(
    client: Client, do: Callable[[Work], Result], jobs: Iterable[Work], failed: Failed[Work, Result]
) -> Iterator[tuple[Work, Result | None]]:
    """The result is None for a suspected job."""
    waiting, running = deque(jobs), dict[Future[Result], Work]()
    while waiting or running:
        try:
            while waiting and len(running) < max(1, _threads(client)):
                job = waiting.popleft()
                running[client.submit(do, job, pure=False)] = job
            ended = _ended(client, running)
        except (OSError, CancelledError) as error:
            raise ClusterUnusable("the Dask scheduler is gone", "Start it, then run the command again: it continues") from error
        for future in ended:
            job = running.pop(future)
            yield job, _result(job, future, failed)


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _ended(client: Client, running: Iterable[Future[Result]]) -> set[Future[Result]]:
    """Waits until at least one running job has ended; returns all that have ended."""
    seen = time.monotonic()
    while time.monotonic() - seen < ALONE_S:
        try:
            return set(wait(list(running), timeout=POLL_S, return_when="FIRST_COMPLETED").done)
        except DaskTimeout:
            if _threads(client):
                seen = time.monotonic()
    raise ClusterUnusable("no worker is left", "Start workers, then run the command again: it continues")


def _result(job: Work, future: Future[Result], failed: Failed[Work, Result]) -> Result | None:
    if future.status == "finished":
        return future.result()
    error = future.exception()
    return None if isinstance(error, KilledWorker) else failed(job, "failed", f"{type(error).__name__}: {error}")


def _check(client: Client, fault: Callable[[], str]) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except DaskTimeout as error:
        raise ClusterUnusable("the Dask scheduler has no workers", "Start workers with `dask worker`") from error
    for address, answer in client.run(fault, on_error="return").items():
        stated = "it has no SonoEdge" if isinstance(answer, ImportError) else answer
        if stated:
            raise ClusterUnusable(
                f"the worker at {address} is not suitable: {stated}",
                "Install the same program version on each machine, and the same files at the same paths",
            )


def _silence_logs() -> None:
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.CRITICAL)
