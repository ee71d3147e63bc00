"""Distributes clips over a Dask cluster: this machine's cores, or the machines of a district. Only this module uses Dask.

When a worker dies, Dask suspects all of its clips, also a clip that only waited there. So this module submits no more clips than there
are workers. It tries a suspected clip again alone, when it cannot affect other clips.
"""

import logging
import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version

import dask
from distributed import CancelledError, Client, Future, LocalCluster, wait
from distributed import TimeoutError as DaskTimeout
from distributed.scheduler import KilledWorker

from edge.disk.digest import digest_of
from edge.inference.admission import admit
from edge.inference.release import MANIFEST
from edge.reread.answer import Outcome, Unread
from edge.reread.read import THREADS, Job
from firmware_bridge.child import SAFE_ENVIRONMENT
from firmware_bridge.errors import SonoEdgeError, Unavailable

LOOPBACK = "127.0.0.1"
DEATHS_ALLOWED = 1
"""After this number of deaths of its workers, a clip is tried once more; after the next death it is suspected."""
CONNECT_S = 5
POLL_S = 1.0
ALONE_S = 180.0
"""After this time without a worker, the command ends."""
ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d{1,5}")
QUIET = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")
"""Their messages about a dead worker are not shown: the result of the clip reports it. Dask sets a level for each of these loggers."""
LOCAL = {
    "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": "spawn",
    **{f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in SAFE_ENVIRONMENT.items()},
}
IGNORE_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Each worker process runs this: Ctrl-C ends the command, and the command ends the workers."""

Read = Callable[[Job], Outcome | Unread]


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
def remote(address: str, job: Job) -> Iterator[Client]:
    """Connects to the workers of a remote scheduler. Each of them must see the files of `job` and run the same program version.

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
        _check(client, job)
        yield client


def fault_here(job: Job, program: str) -> str:
    """The reason why this machine cannot do a job; empty if it can."""
    if (found := version("sonoedge")) != program:
        return f"it has SonoEdge {found}, not {program}"
    wanted = {job.clip.path: job.input_sha256, job.old.folder / MANIFEST: job.old.sha256, job.new.folder / MANIFEST: job.new.sha256}
    for path, digest in wanted.items():
        try:
            if digest_of(path) != digest:
                return f"{path} is another file on that machine"
        except OSError as error:
            return f"{path} cannot be read on that machine ({error.strerror})"
    try:
        for release in (job.old, job.new):
            admit(release.folder, THREADS)
    except SonoEdgeError as error:
        return error.what
    return ""


def each_done(client: Client, read: Read, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome | Unread]]:
    """Yields every job with its result, in the order in which they end. No job is lost when workers die, even all of them one by one.

    Raises:
        ClusterUnusable: the scheduler or all workers are gone; the results so far are valid.
    """
    suspects = list[Job]()
    for job, outcome in _spread(client, read, jobs):
        if outcome is None:
            suspects.append(job)
        else:
            yield job, outcome
    for suspect in suspects:
        for job, outcome in _spread(client, read, [suspect]):
            yield job, outcome or _worker_killed(job)


def _spread(client: Client, read: Read, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome | Unread | None]]:
    """The result is None for a suspected job."""
    waiting, running = deque(jobs), dict[Future[Outcome | Unread], Job]()
    while waiting or running:
        try:
            while waiting and len(running) < max(1, _threads(client)):
                job = waiting.popleft()
                running[client.submit(read, job, pure=False)] = job
            ended = _ended(client, running)
        except (OSError, CancelledError) as error:
            raise ClusterUnusable("the Dask scheduler is gone", "Start it, then run the command again: it continues") from error
        for future in ended:
            job = running.pop(future)
            yield job, _result(job, future)


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _ended(client: Client, running: Iterable[Future[Outcome | Unread]]) -> set[Future[Outcome | Unread]]:
    """Waits until at least one running job has ended; returns all that have ended."""
    seen = time.monotonic()
    while time.monotonic() - seen < ALONE_S:
        try:
            return set(wait(list(running), timeout=POLL_S, return_when="FIRST_COMPLETED").done)
        except DaskTimeout:
            if _threads(client):
                seen = time.monotonic()
    raise ClusterUnusable("no worker is left", "Start workers, then run the command again: it continues")


def _result(job: Job, future: Future[Outcome | Unread]) -> Outcome | Unread | None:
    if future.status == "finished":
        return future.result()
    error = future.exception()
    return None if isinstance(error, KilledWorker) else Unread(job.clip.name, "failed", f"{type(error).__name__}: {error}")


def _worker_killed(job: Job) -> Unread:
    return Unread(job.clip.name, "killed-worker", f"{job.clip.path} ended the process that read it, in every attempt")


def _check(client: Client, job: Job) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except DaskTimeout as error:
        raise ClusterUnusable("the Dask scheduler has no workers", "Start workers with `dask worker`") from error
    for address, answer in client.run(fault_here, job, version("sonoedge"), on_error="return").items():
        fault = "it has no SonoEdge" if isinstance(answer, ImportError) else answer
        if fault:
            raise ClusterUnusable(
                f"the worker at {address} is not suitable: {fault}",
                "Install the same program version on each machine, and the same files at the same paths",
            )


def _silence_logs() -> None:
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.CRITICAL)
