"""The claim after a loss of the records: an appliance that was claimed is never anybody's again."""

import shutil

import pytest

from edge.disk.layout import DataFolder
from edge.people.claims import PEOPLE_LOST
from edge.people.pin_tuning import board
from edge.records.audit.seal import Seal
from edge.records.backup.backups import make_backup
from edge.records.people.claim_mark import ClaimMark
from edge.services.record_room import RecordRoom
from edge.settings import load_settings

API = "/api/v1"
PIN = "482915"
ME = {"badge": "me", "name": "Me", "pin": PIN}


@pytest.fixture
def folder(tmp_path):
    """Holds the parameters of a fast hash."""
    DataFolder(tmp_path / "data").root.mkdir()
    DataFolder(tmp_path / "data").pin_hash.write_text(f'{{"passes": 1, "memory_kib": 8, "board": "{board()}"}}')
    return DataFolder(tmp_path / "data")


@pytest.fixture
def start(folder, view, app, portal, request):
    """Starts the records of the folder, and gives a browser on the board itself."""
    from fastapi.testclient import TestClient

    rooms = []

    def started():
        for room in rooms:
            room.close()
        rooms[:] = [RecordRoom(load_settings({"data_dir": folder.root, "threads": 1}), lambda: None)]
        view.people, view.notices._notices = rooms[0].people, rooms[0].notices
        made = TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 1))
        made.portal = portal
        return made

    yield started
    for room in rooms:
        room.close()


def kind(browser):
    return browser.get(f"{API}/sessions/current").json()["kind"]


def codes(browser):
    return {each["code"] for each in browser.get(f"{API}/notices").json()["notices"]}


def lose_database_and_backups(folder):
    folder.records.unlink()
    shutil.rmtree(folder.backups)


def lose_everything_but_the_mark(folder):
    for path in (folder.records, folder.records_sum, folder.audit_heads, folder.audit_key):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder.backups)


def damage_database_and_backups(folder):
    for path in (folder.records, *folder.backups.glob("*.sqlite")):
        content = bytearray(path.read_bytes())
        content[:4096] = bytes(4096)
        path.write_bytes(content)


def empty_database(folder):
    folder.records.write_bytes(b"")
    shutil.rmtree(folder.backups)


LOSSES = [lose_database_and_backups, lose_everything_but_the_mark, damage_database_and_backups, empty_database]


@pytest.mark.parametrize("lose", LOSSES)
def test_an_appliance_that_lost_its_people_is_claimed_again_only_with_the_code_of_its_log(folder, start, view, lose):
    browser = start()
    assert kind(browser) == "unclaimed"
    assert browser.post(f"{API}/claim", json=ME).status_code == 201
    make_backup(view.people._store, folder.backups)
    view.people._store.close()
    lose(folder)
    browser = start()
    assert kind(browser) == "nobody"
    assert codes(browser) >= {PEOPLE_LOST}
    assert browser.get(f"{API}/exams").status_code == 401
    code = ClaimMark(folder.root, Seal.of(folder.root)).code
    assert code not in browser.get(f"{API}/notices").text
    for wrong in ({}, {"code": "AAAA-AAAA-AAAA"}):
        refused = browser.post(f"{API}/claim", json={**ME, **wrong})
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:sonoedge:claim-code-needed")
    assert browser.post(f"{API}/claim", json={**ME, "code": code}).status_code == 201
    assert browser.post(f"{API}/claim", json={**ME, "code": code}).status_code == 409
    assert ClaimMark(folder.root, Seal.of(folder.root)).code != code


def test_a_restored_backup_from_before_the_claim_is_not_anybodys(folder, start, view):
    browser = start()
    backup = shutil.copyfile(folder.records, folder.root / "copy")
    browser.post(f"{API}/claim", json=ME)
    view.people._store.close()
    for path in (folder.records, folder.records_log):
        path.unlink(missing_ok=True)
    shutil.copyfile(backup, folder.records)
    folder.records_sum.unlink(missing_ok=True)
    assert kind(start()) == "nobody"


def test_a_folder_of_an_earlier_release_is_marked_at_its_next_start(folder, start):
    start().post(f"{API}/claim", json=ME)
    folder.claimed.unlink()
    browser = start()
    assert (folder.claimed.exists(), kind(browser)) == (True, "nobody")
    assert PEOPLE_LOST not in codes(browser)


def test_a_folder_of_an_earlier_release_that_lost_everything_is_not_anybodys(folder, start, view):
    start().post(f"{API}/claim", json=ME)
    view.people._store.close()
    folder.claimed.unlink()
    damage_database_and_backups(folder)
    assert kind(start()) == "nobody"


def test_a_mark_that_cannot_be_written_is_written_at_the_next_start(folder, start, monkeypatch):
    browser = start()
    with monkeypatch.context() as full:
        full.setattr("edge.records.people.claim_mark.replace_file", _refuses)
        assert browser.post(f"{API}/claim", json=ME).status_code == 201
    assert not folder.claimed.exists()
    start()
    assert folder.claimed.exists()


def _refuses(*_):
    raise OSError(28, "No space left on device")


def test_a_claim_of_a_claimed_appliance_costs_no_hash(crew, view, monkeypatch):
    hashed = []
    monkeypatch.setattr(view.people._pins, "keep", lambda pin: hashed.append(pin) or "hash")
    assert crew.browser().post(f"{API}/claim", json=ME).status_code == 409
    assert hashed == []
