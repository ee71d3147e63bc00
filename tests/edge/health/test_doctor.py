"""Each question has an answer, and a failure states what to do."""

import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from edge.health import doctor, stored
from edge.health.doctor import AT_REST, QUESTIONS, _ask, _source, examine, examine_running
from edge.health.finding import Verdict
from edge.health.port import listen
from edge.inference.shelf import Shelf
from edge.records.backup.backups import make_backup
from edge.records.backup.place import remember
from edge.records.integrity import NO_TIP
from edge.records.notices import Notices
from edge.records.store import Store
from edge.settings import Settings


def answers(**settings):
    return {finding.name: finding for finding in examine(Settings(**settings))}


@pytest.fixture
def good(tmp_path):
    return {"port": 0, "data_dir": tmp_path / "data"}


def test_every_question_is_answered_and_this_machine_works(good):
    found = answers(**good)
    assert list(found) == list(QUESTIONS)
    assert [f for f in found.values() if f.verdict is Verdict.FAILED] == []
    assert "reads a frame in" in found["model"].detail


def test_every_fault_states_what_to_do(good, tmp_path):
    found = answers(**good | {"model": tmp_path, "data_dir": tmp_path / "file" / "data"})
    assert all(f.fix for f in found.values() if f.verdict is not Verdict.OK)
    assert found["model"].verdict is Verdict.FAILED


def test_a_damaged_model_is_found(good, candidate, tmp_path):
    release = candidate(tmp_path / "release")
    for file in release.glob("*.tflite"):
        file.write_bytes(file.read_bytes()[:-1])
    found = answers(**good | {"model": release})["model"]
    assert found.verdict is Verdict.FAILED
    assert "is not the file that was released" in found.detail


def test_an_active_model_that_cannot_be_used_is_found_and_its_replacement_is_named(good, candidate, tmp_path):
    shelf = Shelf.of(good["data_dir"])
    shelf.activate(shelf.install(candidate(tmp_path / "new", "1.0.0"), {}, unsigned=True))
    (shelf.find("lung-s-1.0.0") / "card.html").write_text("another")
    found = answers(**good)["model"]
    assert found.verdict is Verdict.ATTENTION
    assert "reads a frame in" in found.detail
    assert "card.html is not the file that was released" in found.detail
    assert found.fix


def test_a_port_taken_by_another_program_is_found(good):
    with listen("127.0.0.1", 0) as other:
        other.settimeout(0)
        found = answers(**good | {"port": other.getsockname()[1]})["page's port"]
    assert found.verdict is Verdict.FAILED
    assert "taken" in found.detail


class Appliance(BaseHTTPRequestHandler):
    source: ClassVar = {}

    def do_GET(self):
        content = json.dumps(self.source).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    ("source", "verdict", "detail"),
    [
        ({"problem": "", "fix": ""}, Verdict.OK, "grabber is streaming"),
        ({"problem": "it gives only damaged frames", "fix": "Check it"}, Verdict.ATTENTION, "is streaming: it gives only damaged frames"),
    ],
)
def test_a_fault_of_the_running_appliances_source_is_found(good, monkeypatch, source, verdict, detail):
    monkeypatch.setattr(Appliance, "source", {"name": "grabber", "url": "v4l2:///dev/video0", "state": "streaming"} | source)
    with HTTPServer(("127.0.0.1", 0), Appliance) as server:
        threading.Thread(target=server.handle_request).start()
        found = _ask("source", _source, Settings(**good | {"port": server.server_port}))
    assert found.verdict is verdict
    assert detail in found.detail
    assert found.fix == source["fix"]


def test_a_data_folder_that_is_a_file_is_found(good, tmp_path):
    (tmp_path / "file").write_text("")
    found = answers(**good | {"data_dir": tmp_path / "file" / "data"})["data folder"]
    assert found.verdict is Verdict.FAILED


def test_records_that_need_a_newer_program_are_found(good):
    store = Store.open(good["data_dir"])
    store.close()
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = answers(**good)["records"]
    assert found.verdict is Verdict.FAILED
    assert "9999" in found.detail
    assert "Install the program" in found.fix


def test_from_inside_a_running_appliance_nothing_that_disturbs_it_is_asked(good, monkeypatch):
    def disturbs(_):
        raise AssertionError("this was not to be asked")

    monkeypatch.setattr(doctor, "QUESTIONS", {name: disturbs if name in AT_REST else asked for name, asked in QUESTIONS.items()})
    found = {finding.name: finding for finding in examine_running(Settings(**good))}
    assert list(found) == list(QUESTIONS)
    assert {name for name, finding in found.items() if finding.verdict is Verdict.NOT_CHECKED} == set(AT_REST)
    assert all("not checked while the appliance runs: " in found[name].detail and found[name].fix for name in AT_REST)
    assert "MB free" in found["data folder"].detail


def test_a_second_place_for_backups_on_the_same_disk_is_stated_and_a_real_one_is_right(good, tmp_path, other_disk):
    def backups(folder):
        return _ask("backups", QUESTIONS["backups"], Settings(**good, backup_dir=folder))

    same, stick = tmp_path / "same", other_disk()
    same.mkdir()
    with closing(Store.open(good["data_dir"])) as store:
        Notices(store).add("clip-absent", "A clip is gone", "Look for it in the backup")
        make_backup(store, Settings(**good).data.backups)
        assert f"the disk of {same} is missing" in backups(same).detail
        make_backup(store, same)
        remember(good["data_dir"], same)
        assert (backups(same).verdict, "on the same disk" in backups(same).detail) == (Verdict.ATTENTION, True)
        assert backups(stick).verdict is Verdict.OK


def test_records_without_a_backup_or_with_an_old_one_are_found(good, monkeypatch):
    def backups():
        return _ask("backups", QUESTIONS["backups"], Settings(**good))

    assert backups().verdict is Verdict.OK
    with closing(Store.open(good["data_dir"])) as store:
        Notices(store).add("clip-absent", "A clip is gone", "Look for it in the backup")
        assert "there is no backup" in backups().detail
        made = make_backup(store, Settings(**good).data.backups)
        assert "on the same disk" in backups().detail
        later = made.at + stored.BACKUP_OLDEST + timedelta(hours=1)
        monkeypatch.setattr(stored, "tip_of", lambda _: replace(NO_TIP, at=later))
        assert (backups().verdict, "lacks more than 7 days" in backups().detail) == (Verdict.ATTENTION, True)
