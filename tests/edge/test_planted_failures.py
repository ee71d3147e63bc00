"""A failure planted in each worker in turn, during an open exam on the simulated chest: the exam continues, or the cause is stated."""

import json
import urllib.request
from contextlib import contextmanager
from dataclasses import replace

import pytest
import uvicorn

from edge import appliance as appliance_module
from edge.appliance import Appliance
from edge.inference.release import BUILT_IN
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.pipeline.shadow import Shadow
from edge.records.audit import keeper as audit_keeper
from edge.records.clock_correction import ClockGuard
from edge.services import model, records_keeper
from edge.services.exam import ExamService
from edge.services.model import ModelService
from edge.services.recording import RecordingService
from edge.services.records_keeper import RecordsKeeper
from edge.settings import Settings
from edge.supervisor.table import WORKERS
from edge.supervisor.worker import Restarts, WorkerEnded
from edge.viewers.igtl_server import IgtlServer
from tests.ports import free_port

CHEST = "virtual://chest?size=128&rendered=4&fps=20"
QUICK = Restarts((0.01,), most=2, within_s=600)


class Planted(Exception):
    """An error that is not one of our classes."""


def fail(*_, **__):
    raise Planted("planted")


@pytest.fixture
def quick(monkeypatch):
    """The table with short waits and frequent rounds."""
    monkeypatch.setattr(appliance_module, "WORKERS", tuple(replace(row, restarts=QUICK) for row in WORKERS))
    monkeypatch.setattr(audit_keeper, "LOOK_S", 0.01)
    monkeypatch.setattr(records_keeper, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(model, "LOOK_EVERY_S", 0.01)


@contextmanager
def examining(folder, eventually, **others):
    """An appliance with an exam in which a zone is being recorded."""
    settings = {"source": CHEST, "port": 0, "data_dir": folder, "threads": 1, "model": BUILT_IN / "lung-s"} | others
    with Appliance(Settings(**settings)) as appliance:
        eventually(lambda: appliance.counts.read, "no frames were read")
        appliance.exam.begin(ANYONE)
        yield appliance


def get(appliance, path):
    with urllib.request.urlopen(appliance.url + path) as answer:
        return answer.read().decode()


def check_exam_goes_on(appliance, eventually):
    read = appliance.counts.read
    eventually(lambda: appliance.counts.read > read + 3, "no frame is read any more")
    assert appliance.exam.status.running
    exam = appliance.exam.status.exam
    other = next(zone.id for zone in exam.protocol.zones if zone.id != exam.selected)
    appliance.exam.select(ANYONE, other)
    assert appliance.exam.status.exam.selected == other
    assert not appliance.wait(0)


def stop_loop(appliance):
    """Stops the event loop of the viewers' server, which then cannot start again."""
    appliance.viewers_job._job._loop.call_soon_threadsafe(appliance.viewers_job._job._loop.stop)


def cast_shadow(appliance):
    appliance.models.shadow(ANYONE, "lung-m")


OPTIONAL = {
    "audit": (ClockGuard, "look", None),
    "records": (RecordsKeeper, "look", None),
    "models": (ModelService, "look", None),
    "igtl": (IgtlServer, "_serve", stop_loop),
    "shadow": (Shadow, "_compare", cast_shadow),
    "recording": (RecordingService, "frame", None),
    "clip": (ExamService, "observation", None),
}


def noticed(appliance):
    """The parts that notices name. A slow machine can add others, such as a worker that was silent for a moment."""
    return {notice.what.split()[0] for notice in appliance.notices.unseen(ANYONE)}


def test_an_exam_continues_whatever_optional_part_fails_and_the_failure_is_shown(tmp_path, quick, eventually, monkeypatch):
    with examining(tmp_path, eventually, igtl_port=free_port()) as appliance:
        assert json.loads(get(appliance, "health"))["state"] == "ok"
        for name, (owner, method, provoke) in OPTIONAL.items():
            monkeypatch.setattr(owner, method, fail)
            if provoke:
                provoke(appliance)
            eventually(lambda name=name: name in {each.name for each in appliance.outages if each.lasts}, f"no outage of {name}")
            check_exam_goes_on(appliance, eventually)
        eventually(lambda: OPTIONAL.keys() <= noticed(appliance), "an outage without a notice")
        health, metrics = json.loads(get(appliance, "health")), get(appliance, "metrics")
        assert health["state"] == "degraded"
        assert {outage["name"] for outage in health["outages"]} >= OPTIONAL.keys()
        assert "sonoedge_degraded 1.0" in metrics
        assert 'sonoedge_worker_running{worker="audit"} 0.0' in metrics
        assert 'sonoedge_worker_running{worker="inference"} 1.0' in metrics
        monkeypatch.undo()
    counts = appliance.counts
    assert counts.received == counts.read + sum(counts.dropped.values())


def fail_once(monkeypatch, owner, method, error):
    """Makes the next call fail, and no later one."""
    whole = getattr(owner, method)

    def failing(*arguments):
        monkeypatch.setattr(owner, method, whole)
        raise error

    monkeypatch.setattr(owner, method, failing)


def end_server(appliance):
    appliance.web_job._job.close()


@pytest.mark.slow
def test_each_essential_worker_that_fails_once_runs_again_and_the_exam_continues(tmp_path, quick, eventually, monkeypatch):
    with examining(tmp_path, eventually) as appliance:
        interpreter = appliance._pipeline.reader.interpreter
        for error in (Planted("planted"), SystemExit(3)):
            fail_once(monkeypatch, appliance.hub, "publish", error)
            check_exam_goes_on(appliance, eventually)
        assert appliance._pipeline.reader.interpreter is not interpreter
        fail_once(monkeypatch, appliance._pipeline, "_offer", SystemExit(3))
        check_exam_goes_on(appliance, eventually)
        end_server(appliance)
        eventually(lambda: appliance._supervisor.restarts()["http"] == 1, "the page was not started again")
        assert json.loads(get(appliance, "health"))["ready"]
        check_exam_goes_on(appliance, eventually)
        assert appliance.outages == ()
    counts = appliance.counts
    assert counts.received == counts.read + sum(counts.dropped.values())


def end_server_for_good(appliance, monkeypatch):
    monkeypatch.setattr(uvicorn.Server, "run", fail)
    end_server(appliance)


def leave(*_):
    raise SystemExit(3)


ESSENTIAL = {
    "inference": (lambda appliance, monkeypatch: monkeypatch.setattr(appliance.hub, "publish", fail), Planted),
    "http": (end_server_for_good, WorkerEnded),
    "source": (lambda appliance, monkeypatch: monkeypatch.setattr(appliance._pipeline, "_offer", leave), WorkerEnded),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ESSENTIAL)
def test_an_essential_worker_that_fails_again_and_again_ends_the_appliance_with_the_first_cause(
    tmp_path, quick, eventually, monkeypatch, name
):
    plant, cause = ESSENTIAL[name]
    stopped = []

    def run():
        with examining(tmp_path, eventually) as appliance:
            plant(appliance, monkeypatch)
            stopped.append(appliance.wait(60))

    with pytest.raises(cause):
        run()
    monkeypatch.undo()
    assert stopped == [True]
    again = {"source": "", "port": 0, "data_dir": tmp_path, "threads": 1, "model": BUILT_IN / "lung-s"}
    with Appliance(Settings(**again)) as resumed:
        assert resumed.exam.status.running


def test_a_fault_while_a_backup_is_made_does_not_end_the_exam(tmp_path, quick, eventually, monkeypatch):
    """A failure that really happened: `OSError` from the disk, in the thread of the backups."""
    monkeypatch.setattr(records_keeper, "make_backup", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with examining(tmp_path, eventually) as appliance:
        eventually(lambda: "records" in {each.name for each in appliance.outages}, "the outage is not shown")
        check_exam_goes_on(appliance, eventually)
        monkeypatch.undo()
