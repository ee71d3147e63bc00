"""Backup folders whose disk is not there: nothing is written to the empty mount point on the system's disk."""

import subprocess

import pytest

from edge.disk.layout import DataFolder
from edge.records.backup.backups import make_backup
from edge.records.backup.place import absent_disk, note_shared, remember, require_disk, unstated
from edge.records.errors import BackupFailed


def pulled(stick):
    subprocess.run(["umount", stick], check=True)


def test_a_new_folder_on_the_same_disk_is_refused_whether_it_exists_or_not(data, tmp_path):
    for _ in range(2):
        with pytest.raises(BackupFailed, match="same disk as the records"):
            require_disk(data.folder, tmp_path / "stick")
        (tmp_path / "stick").mkdir(exist_ok=True)


def test_a_folder_is_refused_once_its_disk_is_gone(data, other_disk):
    stick = other_disk()
    require_disk(data.folder, stick)
    make_backup(data.store, stick)
    remember(data.folder, stick)
    assert (absent_disk(data.folder, stick), unstated(data.folder, stick)) == ("", "")
    pulled(stick)
    assert absent_disk(data.folder, stick) == f"the disk that was mounted in {stick} is not there"


def test_a_new_stick_in_the_same_place_is_used(data, other_disk):
    stick = other_disk()
    remember(data.folder, stick)
    pulled(stick)
    other_disk(stick)
    assert absent_disk(data.folder, stick) == ""


def test_a_folder_on_the_same_disk_that_was_accepted_is_used_until_the_backups_in_it_are_gone(data, tmp_path):
    folder = tmp_path / "here"
    make_backup(data.store, folder)
    remember(data.folder, folder)
    assert absent_disk(data.folder, folder) == ""
    folder.rename(tmp_path / "pulled")
    folder.mkdir()
    assert "gone" in absent_disk(data.folder, folder)


def test_a_folder_on_the_same_disk_is_to_be_stated_until_it_is(data, tmp_path):
    assert unstated(data.folder, tmp_path / "here") == "it is on the same disk as the records"
    for folder in ("here", "there", "here"):
        note_shared(data.folder, tmp_path / folder)
    assert (unstated(data.folder, tmp_path / "here"), unstated(data.folder, tmp_path / "there")) == ("", "")


@pytest.mark.parametrize("file", ["backup_places", "backup_same_disk"])
def test_a_damaged_memory_is_as_none_and_is_written_again(data, tmp_path, file):
    getattr(DataFolder(data.folder), file).write_text("{")
    folder = tmp_path / "on purpose"
    assert absent_disk(data.folder, folder)
    assert unstated(data.folder, folder)
    make_backup(data.store, folder)
    remember(data.folder, folder)
    note_shared(data.folder, folder)
    assert (absent_disk(data.folder, folder), unstated(data.folder, folder)) == ("", "")
