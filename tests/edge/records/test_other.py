"""The records of another appliance are read as a copy, which is gone afterwards."""

import pytest

from edge.disk.layout import DataFolder
from edge.records import other
from edge.records.backup.backups import make_backup
from edge.records.errors import BackupUnusable, RecordsFull, RecordUnknown
from edge.records.other import other_records
from edge.records.store import Store


@pytest.fixture
def site(tmp_path):
    store = Store.open(tmp_path / "site")
    with store.write() as change:
        change.log("test", "something.done", "thing/1")
    yield store
    store.close()


def test_a_data_folder_in_use_and_its_backup_are_the_same_records(site, tmp_path):
    make_backup(site, tmp_path / "stick")
    for folder in (tmp_path / "site", tmp_path / "stick"):
        with other_records(folder) as found:
            assert (found.store.latest(), found.key) == (site.latest(), site.seal.fingerprint)
            assert not found.store.path.is_relative_to(tmp_path)
            place = found.store.path.parent
        assert not place.exists()


def test_a_change_of_the_copy_is_none_of_the_site(site, tmp_path):
    with other_records(tmp_path / "site") as found, found.store.write(taking_over=True) as change:
        change.log("test", "something.else", "thing/2")
    assert site.newest().seq == 1


def test_a_folder_without_records_a_damaged_backup_and_a_small_memory_are_refused(site, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordUnknown), other_records(tmp_path / "empty"):
        pass
    backup = tmp_path / "stick" / make_backup(site, tmp_path / "stick").file
    backup.write_bytes(backup.read_bytes() + b"x")
    with pytest.raises(BackupUnusable), other_records(tmp_path / "stick"):
        pass
    monkeypatch.setattr(other, "free_bytes", lambda _: 1_000_000)
    with pytest.raises(RecordsFull, match="MB are free in memory"), other_records(DataFolder(tmp_path / "site").root):
        pass
