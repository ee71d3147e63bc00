"""A running appliance with a full disk or without its data folder: it shows the image, answers no write as recorded, and states both."""

import json
import shutil
import urllib.error
import urllib.request

import pytest

from edge.appliance import Appliance
from edge.disk.room import NoRoom
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.records.errors import ApplianceRuns, RecordsFull, RecordsGone
from edge.services import record_room
from edge.settings import Settings

CHEST = "virtual://chest?size=128&rendered=4&fps=20"
GLASS = ("api/v1/sessions/break-glass", {"reason": "Nobody else is here"})
"""A write that everybody may ask for."""


def settings(folder):
    return Settings(source=CHEST, port=0, data_dir=folder, threads=1)


def ask(appliance, path, body=None):
    """(status, content) of a request; with a body it is a POST."""
    data, headers = (json.dumps(body).encode(), {"Content-Type": "application/json"}) if body else (None, {})
    try:
        with urllib.request.urlopen(urllib.request.Request(appliance.url + path, data, headers)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def notices(appliance):
    return [notice["code"] for notice in ask(appliance, "api/v1/notices")[1]["notices"]]


def test_a_data_folder_that_is_removed_under_a_running_appliance_takes_no_write_and_everybody_sees_it(tmp_path, eventually):
    folder = tmp_path / "data"
    with Appliance(settings(folder)) as appliance:
        eventually(lambda: appliance.counts.read >= 3, "no frames were read")
        assert ask(appliance, "health")[0] == 200
        shutil.rmtree(folder)
        for _ in range(3):
            status, problem = ask(appliance, *GLASS)
            assert (status, problem["type"]) == (507, "urn:sonoedge:records-gone")
        assert not appliance.ready
        status, problem = ask(appliance, "health")
        assert status == 503
        assert "removed, moved" in problem["detail"]
        assert problem["fix"]
        assert notices(appliance)[-1] == "records-gone"
        with pytest.raises(RecordsGone):
            appliance.record(ANYONE)
        read = appliance.counts.read
        eventually(lambda: appliance.counts.read > read, "no image is shown")
    assert not folder.exists()


def test_a_full_disk_is_not_ready_and_no_image_is_called_good(tmp_path, eventually, monkeypatch):
    with Appliance(settings(tmp_path / "data")) as appliance:
        eventually(lambda: appliance.counts.read >= 3, "no frames were read")
        monkeypatch.setattr(record_room, "shortage", lambda _: NoRoom("the disk of /data is full", "Free some room"))
        assert not appliance.ready
        status, problem = ask(appliance, "api/v1/health")
        assert (status, problem["type"], problem["fix"]) == (503, "urn:sonoedge:disk", "Free some room")
        eventually(lambda: appliance.exam.status.live.advice.code == "NOT_RECORDED", "the image is called good")
        eventually(lambda: "worker-down" in notices(appliance), "no notice")
        monkeypatch.undo()
        assert appliance.ready
        eventually(lambda: appliance.exam.status.live.advice.code != "NOT_RECORDED", "it does not recover")


@pytest.fixture
def full(monkeypatch):
    """A disk that refuses the records at a start, until it is cleared."""
    refused = [RecordsFull("the disk is full", "Free some room")]
    whole = record_room.open_readable

    def open_readable(folder, *others):
        monkeypatch.setattr("edge.records.opening.open_records", refuse)
        return whole(folder, *others)

    def refuse(*_):
        raise refused[0]

    monkeypatch.setattr(record_room, "open_readable", open_readable)
    monkeypatch.setattr("edge.records.opening.takes_records", lambda _: not refused)
    monkeypatch.setattr(record_room, "takes_records", lambda _: not refused)
    monkeypatch.setattr(record_room, "TRY_S", 0.01)
    return refused


def test_on_a_full_disk_the_start_shows_the_image_and_the_records_and_ends_for_a_new_start_when_there_is_room(tmp_path, full, eventually):
    folder = tmp_path / "data"
    folder.mkdir()
    with Appliance(settings(folder)) as appliance:
        eventually(lambda: appliance.counts.read >= 3, "no image is shown")
        assert ask(appliance, "health")[0] == 503
        assert notices(appliance) == ["records-not-written"]
        assert ask(appliance, *GLASS)[0] == 507
        assert ask(appliance, "api/v1/exams/current")[0] == 200
        assert list(folder.iterdir()) == []
        assert not appliance.wait(0)
        full.clear()
        assert appliance.wait(60)
    assert appliance.renewed


def test_a_second_appliance_on_the_same_folder_is_refused_before_it_opens_anything(tmp_path):
    with Appliance(settings(tmp_path / "data")), pytest.raises(ApplianceRuns):
        Appliance(settings(tmp_path / "data"))
    Appliance(settings(tmp_path / "data")).join()
