"""One recording at a time, whoever begins it and however many at once; and none once the appliance stops."""

import threading

import pytest

from edge.people.actor import APPLIANCE_ACTOR
from edge.services.recording import NoRecording, RecordingRuns, RecordingService
from firmware_bridge.recorder import Recorder, RecordingStopped
from firmware_bridge.sources.base import Origin, SourceInfo

INFO = SourceInfo("virtual://chest", "chest", Origin.SIMULATED)


@pytest.fixture
def service(tmp_path):
    made = RecordingService(tmp_path)
    yield made
    made.close()


def recorders():
    return [thread for thread in threading.enumerate() if thread.name == "recorder"]


def test_of_many_that_begin_at_once_one_records_and_the_others_are_refused(service, tmp_path):
    together, outcomes = threading.Barrier(8), []

    def begin():
        together.wait()
        try:
            outcomes.append(service.start(APPLIANCE_ACTOR, INFO).running)
        except RecordingRuns:
            outcomes.append("refused")

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes, key=str) == [True] + ["refused"] * 7
    assert len(recorders()) == len(list(tmp_path.glob("*.mcap"))) == 1
    service.close()
    assert recorders() == []


def test_nothing_is_recorded_once_the_appliance_stops(service):
    service.close()
    with pytest.raises(NoRecording):
        service.start(APPLIANCE_ACTOR, INFO)
    assert recorders() == []


def full(*_):
    raise RecordingStopped("the disk is full", "free some room")


def test_a_disk_without_room_is_a_problem_until_a_recording_begins(service, monkeypatch):
    assert service.problem is None
    with monkeypatch.context() as disk:
        disk.setattr(Recorder, "_check_room", full)
        with pytest.raises(RecordingStopped):
            service.start(APPLIANCE_ACTOR, INFO)
        assert service.problem.what == "the disk is full"
    service.start(APPLIANCE_ACTOR, INFO)
    assert service.problem is None
