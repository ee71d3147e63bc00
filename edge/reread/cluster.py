"""Clips spread over a Dask cluster: this machine's cores, or the machines of a district. Only this module knows Dask.

Dask holds against every clip of a worker that died that it may have been the cause, also against one that only waited there. So no
more clips are handed out than there are workers, and one under suspicion is tried again alone, when no other can suffer from it.
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
from firmware_bridge.errors import SonoEdgeError, Unavailable

LOOPBACK = "127.0.0.1"
DEATHS_ALLOWED = 1
"""A clip whose worker has died so often is tried once more; after the next death it is under suspicion."""
CONNECT_S = 5
LOOK_S = 1.0
ALONE_S = 60.0
"""Without a worker for so long, the cluster is given up."""
ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d{1,5}")
QUIET = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")
"""What they have to say of a worker that died is told of its clip. To each of these Dask gives a level of its own."""
LOCAL = {
    "distributed.scheduler.allowed-failures": DEATHS_ALLOWED,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": "spawn",
}
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Run in each process: Ctrl-C is for the command, which ends them."""

Read = Callable[[Job], Outcome | Unread]


class ClusterUnusable(Unavailable):
    """The workers cannot do this work, or are gone."""

    code = "cluster-unusable"


@contextmanager
def local(workers: int) -> Iterator[Client]:
    """So many processes on this machine, which only this command can reach: their talk is on loopback, encrypted with keys of its own."""
    _hush()
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
            preload=[DEAF],
        )
        stack.enter_context(cluster)
        yield stack.enter_context(Client(cluster))


@contextmanager
def remote(address: str, job: Job) -> Iterator[Client]:
    """The workers of a scheduler elsewhere, each of which sees the files of `job` and runs the same program.

    Raises:
        ClusterUnusable: there is none, it has no workers, or one of them lacks something; says what.
    """
    _hush()
    if not ADDRESS.fullmatch(address):
        raise ClusterUnusable(f"'{address}' is no address of a Dask scheduler", "Write it as the scheduler printed it, tcp://HOST:8786")
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise ClusterUnusable(
            f"no Dask scheduler answers at {address}", "Start one with `dask scheduler`, and workers with `dask worker`"
        ) from error
    with client:
        _check(client, job)
        yield client


def fault_here(job: Job, program: str) -> str:
    """What the machine that this runs on lacks for a job; nothing: empty."""
    if (found := version("sonoedge")) != program:
        return f"it has SonoEdge {found}, not {program}"
    wanted = {job.clip.path: job.input_sha256, job.old.folder / MANIFEST: job.old.sha256, job.new.folder / MANIFEST: job.new.sha256}
    for path, digest in wanted.items():
        try:
            if digest_of(path) != digest:
                return f"{path} is another file there"
        except OSError as error:
            return f"{path} cannot be read there ({error.strerror})"
    try:
        for release in (job.old, job.new):
            admit(release.folder, THREADS)
    except SonoEdgeError as error:
        return error.what
    return ""


def each_done(client: Client, read: Read, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome | Unread]]:
    """Every job with what came of it, in the order in which they end; a worker that dies, or all of them one by one, loses none.

    Raises:
        ClusterUnusable: the scheduler or all workers are gone; what was given until then stands.
    """
    suspects = list[Job]()
    for job, outcome in _spread(client, read, jobs):
        if outcome is None:
            suspects.append(job)
        else:
            yield job, outcome
    for suspect in suspects:
        for job, outcome in _spread(client, read, [suspect]):
            yield job, outcome or _killer(job)


def _spread(client: Client, read: Read, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome | Unread | None]]:
    """None is what came of a job under suspicion."""
    waiting, running = deque(jobs), dict[Future[Outcome | Unread], Job]()
    while waiting or running:
        try:
            while waiting and len(running) < max(1, _threads(client)):
                job = waiting.popleft()
                running[client.submit(read, job, pure=False)] = job
            ended = _ended(client, running)
        except (OSError, CancelledError) as error:
            raise ClusterUnusable("the Dask scheduler is gone", "Start it, then say the same again: it goes on") from error
        for future in ended:
            job = running.pop(future)
            yield job, _came_of(job, future)


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _ended(client: Client, running: Iterable[Future[Outcome | Unread]]) -> set[Future[Outcome | Unread]]:
    """Those of the running jobs that have ended, once there is one."""
    seen = time.monotonic()
    while time.monotonic() - seen < ALONE_S:
        try:
            return set(wait(list(running), timeout=LOOK_S, return_when="FIRST_COMPLETED").done)
        except DaskTimeout:
            if _threads(client):
                seen = time.monotonic()
    raise ClusterUnusable("no worker is left", "Start some, then say the same again: it goes on")


def _came_of(job: Job, future: Future[Outcome | Unread]) -> Outcome | Unread | None:
    if future.status == "finished":
        return future.result()
    error = future.exception()
    return None if isinstance(error, KilledWorker) else Unread(job.clip.name, "failed", f"{type(error).__name__}: {error}")


def _killer(job: Job) -> Unread:
    return Unread(job.clip.name, "killed-worker", f"{job.clip.path} ended the process that read it, each time that it was tried")


def _check(client: Client, job: Job) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except DaskTimeout as error:
        raise ClusterUnusable("the Dask scheduler has no workers", "Start some with `dask worker`") from error
    for address, said in client.run(fault_here, job, version("sonoedge"), on_error="return").items():
        fault = "it has no SonoEdge" if isinstance(said, ImportError) else said
        if fault:
            raise ClusterUnusable(
                f"the worker at {address} cannot do this: {fault}", "Each machine needs this program, and the same files at the same paths"
            )


def _hush() -> None:
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.CRITICAL)
