"""Real Dask clusters of one and two processes; workers that die are really killed."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from edge.reread import cluster
from edge.reread.answer import Answer, Outcome, Unread
from edge.reread.cluster import ClusterUnusable, each_done, local, remote
from edge.reread.read import Job, fault_here, read

pytestmark = pytest.mark.slow

ANSWER = Answer("a-1.0.0", None, "", 0.5, {})
DASK = [sys.executable, "-m", "dask"]


@pytest.fixture
def jobs(recordings, job_of):
    whole = job_of(recordings / "chest-1.mcap")
    return [replace(whole, clip=replace(whole.clip, name=f"clip-{n}")) for n in range(8)]


def reader(poison=(), fails=(), takes_s=0.0):
    """What workers do: it kills its worker at some clips, and breaks at others. A function of a function travels whole."""

    def do(job):
        time.sleep(takes_s)
        if job.clip.name in poison:
            os.kill(os.getpid(), signal.SIGKILL)
        if job.clip.name in fails:
            raise ZeroDivisionError("nobody thought of this")
        return Outcome(job.clip.name, 1, False, ANSWER, ANSWER)

    return do


def fits(job):
    """What each worker is asked first."""
    return partial(fault_here, job, version("sonoedge"))


def names(came_of):
    return [job.clip.name for job, _ in came_of]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_clip_that_kills_its_worker_is_reported_and_no_other_is_lost(jobs, workers):
    with local(workers) as client:
        came_of = list(each_done(client, reader(poison=["clip-1"], fails=["clip-5"]), jobs, Job.unread))
    assert sorted(names(came_of)) == [f"clip-{n}" for n in range(8)]
    stated = {job.clip.name: outcome for job, outcome in came_of}
    assert (stated["clip-1"].code, stated["clip-1"].clip) == ("killed-worker", "clip-1")
    assert (stated["clip-5"].code, stated["clip-5"].problem) == ("failed", "ZeroDivisionError: nobody thought of this")
    assert {name for name, outcome in stated.items() if isinstance(outcome, Unread)} == {"clip-1", "clip-5"}


def test_a_worker_runs_no_code_of_the_current_folder(jobs, tmp_path, monkeypatch):
    for name in ("socket", "tty", "logging"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit\n")
    monkeypatch.chdir(tmp_path)
    with local(1) as client:
        assert len(list(each_done(client, reader(), jobs[:1], Job.unread))) == 1


def test_workers_read_what_this_process_reads_and_all_listen_on_loopback_only(recordings, job_of):
    jobs = [job_of(path) for path in sorted(recordings.iterdir())]
    with local(2) as client:
        stated = {job.clip.name: outcome for job, outcome in each_done(client, read, jobs, Job.unread)}
        tree = [psutil.Process(), *psutil.Process().children(recursive=True)]
        listening = {each.laddr.ip for process in tree for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN}
    assert stated == {job.clip.name: read(job) for job in jobs}
    assert listening == {"127.0.0.1"}


def test_a_machine_that_lacks_something_says_what(tmp_path, recordings, job_of):
    job = job_of(recordings / "chest-1.mcap")
    program = version("sonoedge")
    assert fault_here(job, program) == ""
    assert "it has SonoEdge" in fault_here(job, "9.9.9")
    assert "is another file on that machine" in fault_here(replace(job, input_sha256="0" * 64), program)
    assert "cannot be read on that machine" in fault_here(replace(job, new=replace(job.new, folder=tmp_path)), program)
    damaged = shutil.copytree(job.new.folder, tmp_path / "damaged")
    next(damaged.glob("*.tflite")).write_bytes(b"another")
    assert "is not the file that was released" in fault_here(replace(job, new=replace(job.new, folder=damaged)), program)
    assert "cannot be read on that machine" in fault_here(replace(job, clip=replace(job.clip, path=Path("/none.mcap"))), program)


def district(folder, workers):
    """The commands that a district would start, on loopback; the scheduler's address is in the file."""
    place = folder / "scheduler.json"
    common = ["--scheduler-file", str(place), "--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1"]
    commands = [["scheduler", "--port", "0", *common], *([["worker", "--nthreads", "1", *common]] * workers)]
    return place, [
        subprocess.Popen([*DASK, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder) for words in commands
    ]


@pytest.fixture
def start(tmp_path, eventually):
    started = []

    def begin(workers):
        place, processes = district(tmp_path, workers)
        started.extend(processes)
        eventually(lambda: place.exists() and place.read_text(), "no scheduler began")
        return json.loads(place.read_text())["address"], processes

    yield begin
    for process in reversed(started):
        process.terminate()
        process.wait()


def test_workers_of_another_scheduler_read_the_same_and_are_checked_first(start, recordings, job_of):
    address, _ = start(1)
    job = job_of(recordings / "chest-1.mcap")
    with pytest.raises(ClusterUnusable, match="another file on that machine"), remote(address, fits(replace(job, input_sha256="0" * 64))):
        pass
    with remote(address, fits(job)) as client:
        assert list(each_done(client, read, [job], Job.unread)) == [(job, read(job))]


def test_a_scheduler_that_has_no_workers_is_reported(start, jobs, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 2)
    address, _ = start(0)
    with pytest.raises(ClusterUnusable, match="has no workers"), remote(address, fits(jobs[0])):
        pass


def test_an_address_that_is_none_or_where_nothing_answers_is_reported(jobs, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    for address in ("127.0.0.1:8786", "tcp://", "http://127.0.0.1:8786", "tcp://127.0.0.1:1"):
        with pytest.raises(ClusterUnusable, match=address), remote(address, fits(jobs[0])):
            pass


@pytest.mark.parametrize(("which", "stated"), [(0, "the Dask scheduler is gone"), (1, "no worker is left")])
def test_a_scheduler_or_all_workers_that_go_away_end_it_and_what_was_given_stands(start, jobs, monkeypatch, which, stated):
    monkeypatch.setattr(cluster, "ALONE_S", 2)
    address, processes = start(1)
    with remote(address, fits(jobs[0])) as client:
        given = each_done(client, reader(takes_s=0.5), jobs, Job.unread)
        assert next(given)
        processes[which].kill()
        with pytest.raises(ClusterUnusable, match=stated):
            list(given)


@pytest.mark.parametrize("library", ["distributed", "tornado"])
def test_no_part_of_what_dask_is_made_of_speaks_for_itself(library):
    with local(1):
        parts = [logger for name in list(logging.root.manager.loggerDict) if (logger := logging.getLogger(name)).name.startswith(library)]
        assert [logger.name for logger in parts if logger.isEnabledFor(logging.ERROR)] == []
