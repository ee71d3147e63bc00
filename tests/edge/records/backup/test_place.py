"""Backup folders whose disk is not there: nothing is written to the empty mount point on the system's disk."""

import os

import pytest

from edge.records.backup import place
from edge.records.backup.backups import make_backup
from edge.records.backup.place import absent_disk, mount_of, remember, require_disk
from edge.records.errors import BackupFailed


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    """The folders in which a disk is mounted; one for sticks in general, and one in the system's table."""
    points = set()
    (tmp_path / "fstab").write_text(f"# <device> <point>\nUUID=1 / ext4 defaults 0 1\nUUID=2 {tmp_path}/my\\040disk ext4 noauto 0 0\n\nx\n")
    monkeypatch.setattr(place, "FSTAB", tmp_path / "fstab")
    monkeypatch.setattr(place, "STICKS", (tmp_path / "media",))
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) == "/" or path in points)
    return points


def test_the_mount_point_of_a_folder_that_is_not_made_yet_is_that_of_its_parents(mounted, tmp_path):
    mounted.add(tmp_path / "media" / "stick")
    assert mount_of(tmp_path / "media" / "stick" / "a" / "b") == tmp_path / "media" / "stick"
    assert str(mount_of(tmp_path / "media" / "other")) == "/"


@pytest.mark.parametrize("folder", ["media/stick", "media/user/stick/backups", "my disk", "my disk/backups"])
def test_a_folder_for_other_disks_without_a_disk_is_refused_whether_it_exists_or_not(mounted, tmp_path, folder):
    with pytest.raises(BackupFailed, match="no disk is mounted"):
        require_disk(tmp_path / "data", tmp_path / folder)
    assert not (tmp_path / folder).exists()
    (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(BackupFailed, match="no disk is mounted"):
        require_disk(tmp_path / "data", tmp_path / folder)
    mounted.add(tmp_path / folder)
    require_disk(tmp_path / "data", tmp_path / folder)


def test_a_link_to_a_stick_is_as_the_stick(mounted, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "media" / "stick")
    assert absent_disk(tmp_path / "data", tmp_path / "link")


def test_a_folder_of_another_name_is_refused_once_its_disk_is_gone(mounted, data, tmp_path):
    folder = tmp_path / "srv"
    mounted.add(folder)
    make_backup(data.store, folder)
    remember(data.folder, folder)
    assert absent_disk(data.folder, folder) == ""
    mounted.clear()
    assert absent_disk(data.folder, folder) == f"the disk that was mounted in {folder} is not there"


def test_a_folder_on_the_same_disk_is_used_until_the_backups_in_it_are_gone(mounted, data, tmp_path):
    folder = tmp_path / "here"
    assert absent_disk(data.folder, folder) == ""
    make_backup(data.store, folder)
    remember(data.folder, folder)
    assert absent_disk(data.folder, folder) == ""
    folder.rename(tmp_path / "pulled")
    folder.mkdir()
    assert "gone" in absent_disk(data.folder, folder)


def test_a_new_stick_in_the_same_place_is_used(mounted, data, tmp_path):
    folder = tmp_path / "media" / "stick"
    mounted.add(folder)
    remember(data.folder, folder)
    assert absent_disk(data.folder, folder) == ""


def test_what_was_accepted_once_stays_accepted_and_a_damaged_memory_is_written_again(mounted, data, tmp_path):
    folder = tmp_path / "media" / "on purpose"
    folder.mkdir(parents=True)
    make_backup(data.store, folder)
    (data.folder / "backup_places.json").write_text("{")
    remember(data.folder, folder)
    assert absent_disk(data.folder, folder) == ""
